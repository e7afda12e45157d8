import { Card, SegmentedControl, Stack, Switch, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Loaded } from "../shell/Loaded";
import { PageHead } from "../shell/PageHead";
import { NotificationCard } from "./NotificationCard";
import { latestQuery, openQuery, type Notification } from "./notifications";
import { priorities } from "./priorities";
import { useSoundSetting } from "./sound";

export function NotificationsPage() {
  const [show, setShow] = useState("open");
  const [sound, setSound] = useSoundSetting();
  const open = useQuery(openQuery);
  const latest = useQuery({ ...latestQuery, enabled: show === "latest" });
  const query = show === "open" ? open : latest;
  return (
    <>
      <PageHead title="Notifications" width={820}>
        <SegmentedControl
          aria-label="Which"
          size="sm"
          value={show}
          onChange={setShow}
          data={[
            { value: "open", label: "To acknowledge" },
            { value: "latest", label: "All" },
          ]}
        />
        <Switch label="Sound for urgent ones" checked={sound} onChange={(event) => setSound(event.currentTarget.checked)} />
      </PageHead>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Card withBorder ta="center" py="xl" maw={820}>
              <Text fw={500}>Nothing waits for you</Text>
              <Text size="sm" c="dimmed">New notifications appear here by themselves.</Text>
            </Card>
          ) : (
            <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} maw={820}>
              {sorted(items, show === "open").map((one) => (
                <NotificationCard key={one.id} notification={one} />
              ))}
            </Stack>
          )
        }
      </Loaded>
    </>
  );
}

/** What presses stands first among those that wait; the rest is by time. */
function sorted(items: readonly Notification[], byPriority: boolean): readonly Notification[] {
  return byPriority ? [...items].sort((a, b) => priorities[a.priority].rank - priorities[b.priority].rank || b.createdAt.localeCompare(a.createdAt)) : items;
}
