import { Alert, Anchor, Box, Button, Card, Center, Group, Loader, SimpleGrid, Stack, Text, Textarea, Title, UnstyledButton } from "@mantine/core";
import { useEffect, useState } from "react";
import { Face } from "../people/Face";
import { roleName } from "../people/roles";
import { loadStaff } from "../people/staff";
import { explain } from "../server/problem";
import type { SignedIn, StaffMember } from "./session";
import classes from "./SignInPage.module.css";
import { signedInBy } from "./tokenIdentity";

type Offer = { status: "loading" } | { status: "failed"; error: unknown } | { status: "ready"; staff: readonly StaffMember[] };

/** Sign-in as one of the sample clinics' staff, or with a token of the clinic's own identity provider. */
export function SignInPage({ onSignIn }: { onSignIn: (who: SignedIn) => void }) {
  const [offer, setOffer] = useState<Offer>({ status: "loading" });
  const [tries, setTries] = useState(0);
  const [byToken, setByToken] = useState(false);

  useEffect(() => {
    const ended = new AbortController();
    loadStaff(ended.signal).then(
      (staff) => setOffer({ status: "ready", staff }),
      (error: unknown) => {
        if (!ended.signal.aborted) setOffer({ status: "failed", error });
      },
    );
    return () => ended.abort();
  }, [tries]);

  const clinics = offer.status === "ready" ? [...new Set(offer.staff.map(({ tenant }) => tenant))].map((id) => offer.staff.filter(({ tenant }) => tenant === id)) : [];
  const onlyToken = offer.status === "ready" && clinics.length === 0;
  return (
    <Center component="main" mih="100vh" p="md">
      <Stack w="100%" maw={860} gap="lg">
        <Group gap="sm">
          <img src="/clinic.svg" alt="" width={40} height={40} />
          <div>
            <Title order={1} size="h2">Sign in</Title>
            <Text c="dimmed" size="sm">Each window signs in for itself: open two to be two people.</Text>
          </div>
        </Group>
        {offer.status === "loading" && <Loader aria-label="Loading" />}
        {offer.status === "failed" && (
          <Alert role="alert" color="red" variant="outline" title="Nobody can sign in at the moment">
            <Stack align="flex-start" gap="sm">
              <Text size="sm">{explain(offer.error)}</Text>
              <Button size="sm" onClick={() => setTries((count) => count + 1)}>Try again</Button>
            </Stack>
          </Alert>
        )}
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {clinics.map((staff) => (
            <ClinicCard key={staff[0]!.tenant} staff={staff} onSignIn={onSignIn} />
          ))}
        </SimpleGrid>
        {onlyToken || byToken ? (
          <TokenForm onSignIn={onSignIn} explanation={onlyToken} />
        ) : (
          clinics.length > 0 && (
            <Anchor component="button" type="button" size="sm" style={{ alignSelf: "flex-start" }} onClick={() => setByToken(true)}>
              Sign in with a token instead
            </Anchor>
          )
        )}
      </Stack>
    </Center>
  );
}

function ClinicCard({ staff, onSignIn }: { staff: readonly StaffMember[]; onSignIn: (who: SignedIn) => void }) {
  const clinic = staff[0]!;
  return (
    <Card withBorder component="section" aria-labelledby={`clinic-${clinic.tenant}`} padding="sm">
      <Title order={2} size="h5" id={`clinic-${clinic.tenant}`} px="xs" pt={4} pb="xs">{clinic.clinic}</Title>
      <Stack gap={2}>
        {staff.map((one) => (
          <UnstyledButton key={one.user} className={classes.person ?? ""} onClick={() => onSignIn(one)}>
            <Face user={one.user} name={one.name} size={36} />
            <Box miw={0}>
              <Text size="sm" fw={500} truncate>{one.name}</Text>
              <Text size="xs" c="dimmed">{one.roles.map(roleName).join(", ")}</Text>
            </Box>
          </UnstyledButton>
        ))}
      </Stack>
    </Card>
  );
}

function TokenForm({ onSignIn, explanation }: { onSignIn: (who: SignedIn) => void; explanation: boolean }) {
  const [token, setToken] = useState("");
  const [wrong, setWrong] = useState(false);
  return (
    <Card
      withBorder
      component="form"
      onSubmit={(event) => {
        event.preventDefault();
        const who = signedInBy(token);
        setWrong(!who);
        if (who) onSignIn(who);
      }}
    >
      <Stack align="flex-start">
        {explanation && <Text size="sm">This server has no sample clinics. Sign in with a token of your identity provider.</Text>}
        <Textarea
          label="Token"
          description="A JWT with sub, tenant, name and roles."
          w="100%"
          autosize
          minRows={3}
          maxRows={8}
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          error={wrong ? "This is no token with a user and a clinic." : null}
          spellCheck={false}
          autoComplete="off"
        />
        <Button type="submit">Sign in</Button>
      </Stack>
    </Card>
  );
}
