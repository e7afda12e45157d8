import { patientTopic } from "@clinic/realtime";
import { Alert, Button, Card, Group, Stack, Text, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import { usePatientName } from "../patients/usePatientName";
import { useMe } from "../session/useSession";
import { Loaded } from "../shell/Loaded";
import { PageHead } from "../shell/PageHead";
import { accessQuery } from "./accessLog";
import { AccessBars } from "./AccessBars";
import { AccessTimeline } from "./AccessTimeline";
import { answersForPrivacy } from "./privacy";
import { RestrictionCard } from "./RestrictionCard";

/** Who had a patient's chart open, for those who answer for privacy. Looking here opens no chart. */
export function AccessLogPage() {
  const { patientId } = useParams({ from: "/patients/$patientId/access" });
  const me = useMe();
  const patientName = usePatientName();
  const name = patientName(patientId);
  return (
    <>
      <PageHead title={`Access to ${name}`} width={900}>
        <Button component={Link} to={`/patients/${encodeURIComponent(patientId)}`} variant="default" size="sm" leftSection={<ArrowLeft aria-hidden size={16} />}>Chart</Button>
      </PageHead>
      {answersForPrivacy(me) ? <Access patientId={patientId} key={patientTopic(patientId)} /> : <Alert role="alert" color="red" variant="outline" maw={560} title="This is for administrators and privacy officers" />}
    </>
  );
}

function Access({ patientId }: { patientId: string }) {
  const [when, setWhen] = useState("");
  const query = useInfiniteQuery(accessQuery(patientId, when === "" ? null : new Date(when).toISOString()));
  return (
    <Stack gap="md" maw={900}>
      <RestrictionCard patientId={patientId} />
      <Card withBorder component="section" aria-labelledby="access-log">
        <Group justify="space-between" align="flex-end" gap="sm" mb="md">
          <Text component="h2" fw={600} id="access-log">Who had the chart open</Text>
          <Group gap="xs" align="flex-end">
            <TextInput label="At a moment" type="datetime-local" size="sm" value={when} onChange={(event) => setWhen(event.currentTarget.value)} />
            {when !== "" && <Button size="sm" variant="default" onClick={() => setWhen("")}>Any time</Button>}
            <Button size="sm" variant="default" loading={query.isRefetching} onClick={() => void query.refetch()}>Load again</Button>
          </Group>
        </Group>
        <Loaded query={query}>
          {({ pages }) => {
            const items = pages.flatMap((page) => page.items);
            if (items.length === 0) return <Text size="sm" c="dimmed">{when === "" ? "Nobody has opened it yet." : "Nobody had it open then."}</Text>;
            return (
              <Stack gap="lg">
                <AccessBars items={items} now={query.dataUpdatedAt} />
                <AccessTimeline items={items} />
                {query.hasNextPage && <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Earlier</Button>}
              </Stack>
            );
          }}
        </Loaded>
      </Card>
    </Stack>
  );
}
