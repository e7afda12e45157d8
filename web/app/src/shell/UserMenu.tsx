import { useConnectionStatus, useRealtime } from "@clinic/realtime-react";
import { Button, Group, Popover, SegmentedControl, Stack, Switch, Text, UnstyledButton, VisuallyHidden, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { LogOut } from "lucide-react";
import { useId, useState, type ReactNode } from "react";
import { Face } from "../people/Face";
import { roleName } from "../people/roles";
import { useMe } from "../session/useSession";
import { useSoundSetting } from "../notifications/sound";
import { useSignOut } from "./useSignOut";

type OwnStatus = "active" | "busy" | "away";

/** Who is signed in, and what they chose for themselves. */
export function UserMenu() {
  const me = useMe();
  const client = useRealtime();
  const [status, setStatus] = useState<OwnStatus>("active");
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [sound, setSound] = useSoundSetting();
  const { signOut, question } = useSignOut();
  const [opened, setOpened] = useState(false);
  const live = useConnectionStatus().status === "connected";
  return (
    <>
      <Popover width={300} position="bottom-end" shadow="md" trapFocus returnFocus keepMounted opened={opened} onChange={setOpened}>
        <Popover.Target>
          <UnstyledButton style={{ borderRadius: "50%" }} onClick={() => setOpened((is) => !is)}>
            <Face user={me.user} name={me.name} size={34} status={live ? status : undefined} />
            <VisuallyHidden>{me.name}: menu</VisuallyHidden>
          </UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown aria-label="Menu">
          <Stack gap="sm">
            <div>
              <Text size="sm" fw={600}>{me.name}</Text>
              <Text size="xs" c="dimmed">{me.roles.map(roleName).join(", ")}, {me.clinic}</Text>
            </div>
            <Choice<OwnStatus>
              label="Colleagues see me as"
              value={status}
              onChange={(chosen) => {
                setStatus(chosen);
                client.setStatus(chosen);
              }}
              data={[
                { value: "active", label: "Available" },
                { value: "busy", label: "Busy" },
                { value: "away", label: "Away" },
              ]}
            />
            <Choice<MantineColorScheme>
              label="Colours"
              value={colorScheme}
              onChange={setColorScheme}
              data={[
                { value: "light", label: "Light" },
                { value: "dark", label: "Dark" },
                { value: "auto", label: "System" },
              ]}
            />
            <Switch label="Sound for what is urgent" checked={sound} onChange={(event) => setSound(event.currentTarget.checked)} />
            <Group justify="flex-end">
              <Button variant="default" size="xs" leftSection={<LogOut aria-hidden size={14} />} onClick={() => { setOpened(false); signOut(); }}>Sign out</Button>
            </Group>
          </Stack>
        </Popover.Dropdown>
      </Popover>
      {question}
    </>
  );
}

function Choice<T extends string>({ label, value, onChange, data }: { label: ReactNode; value: T; onChange: (value: T) => void; data: { value: T; label: string }[] }) {
  const id = useId();
  return (
    <div>
      <Text id={id} size="xs" c="dimmed" mb={4}>{label}</Text>
      <SegmentedControl fullWidth size="xs" aria-labelledby={id} value={value} onChange={onChange} data={data} />
    </div>
  );
}
