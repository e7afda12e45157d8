import { Group, ScrollArea, Stack, Text } from "@mantine/core";
import { usePresenceEvents } from "@clinic/realtime-react";
import { useMe } from "../session/useSession";
import { Face, statusWords } from "./Face";

/** Who of the clinic is online; without a connection, who was. */
export function OnlineList() {
  const me = useMe();
  const { entries, live } = usePresenceEvents();
  if (!live && entries.length === 0) return null;
  return (
    <Stack component="section" aria-label="Who is online" gap="xs" mah="50%">
      <Text component="h2" size="xs" fw={600} c="dimmed" px="xs">
        {live ? `Online (${entries.length})` : "Last seen online"}
      </Text>
      <ScrollArea.Autosize viewportProps={{ tabIndex: 0 }} styles={{ content: { display: "block" } }}>
        <Stack component="ul" gap={6} px="xs" m={0} style={{ listStyle: "none" }}>
          {entries.map(({ user, name, status }) => (
            <Group component="li" key={user} data-user={user} gap="xs" wrap="nowrap">
              <Face user={user} name={name} size={28} status={live ? status : undefined} />
              <div style={{ minWidth: 0 }}>
                <Text size="sm" truncate lh={1.25}>{name}</Text>
                {live && <Text size="xs" c="dimmed" lh={1.25}>{statusWords[status].word}{user === me.user ? " (you)" : ""}</Text>}
              </div>
            </Group>
          ))}
        </Stack>
      </ScrollArea.Autosize>
    </Stack>
  );
}
