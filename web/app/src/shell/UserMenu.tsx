import { useRealtime } from "@clinic/realtime-react";
import { Menu, Text, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { Check, LogOut, Monitor, Moon, Sun } from "lucide-react";
import { useState } from "react";
import { Face } from "../people/Face";
import { roleName } from "../people/roles";
import { session } from "../session/session";
import { useMe } from "../session/useSession";
import { useSoundSetting } from "../notifications/sound";

const statuses = [
  { value: "active", label: "Available" },
  { value: "busy", label: "Busy" },
  { value: "away", label: "Away" },
] as const;

const schemes = [
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
  { value: "auto", label: "As the system", icon: Monitor },
] as const;

export function UserMenu() {
  const me = useMe();
  const client = useRealtime();
  const [status, setStatus] = useState<(typeof statuses)[number]["value"]>("active");
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [sound, setSound] = useSoundSetting();
  return (
    <Menu width={240} position="bottom-end" shadow="md">
      <Menu.Target>
        <UnstyledButton aria-label={`${me.name}: menu`} style={{ borderRadius: "50%" }}>
          <Face user={me.user} name={me.name} size={34} status={status} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--mantine-color-text)">{me.name}</Text>
          <Text size="xs">{me.roles.map(roleName).join(", ")} · {me.clinic}</Text>
        </Menu.Label>
        <Menu.Divider />
        <Menu.Label>Colleagues see me as</Menu.Label>
        {statuses.map(({ value, label }) => (
          <Choice
            key={value}
            chosen={status === value}
            label={label}
            onChoose={() => {
              setStatus(value);
              client.setStatus(value);
            }}
          />
        ))}
        <Menu.Divider />
        <Menu.Label>Colours</Menu.Label>
        {schemes.map(({ value, label, icon: Icon }) => (
          <Choice key={value} chosen={colorScheme === value} label={label} icon={<Icon aria-hidden size={16} />} onChoose={() => setColorScheme(value)} />
        ))}
        <Menu.Divider />
        <Choice chosen={sound} label="Sound for what is urgent" onChoose={() => setSound(!sound)} stay />
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut aria-hidden size={16} />} onClick={() => session.signOut()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Choice({ chosen, label, icon, onChoose, stay }: { chosen: boolean; label: string; icon?: React.ReactNode; onChoose: () => void; stay?: boolean }) {
  return (
    <Menu.Item
      role="menuitemcheckbox"
      aria-checked={chosen}
      leftSection={icon}
      rightSection={chosen ? <Check aria-hidden size={16} /> : null}
      closeMenuOnClick={!stay}
      onClick={onChoose}
    >
      {label}
    </Menu.Item>
  );
}
