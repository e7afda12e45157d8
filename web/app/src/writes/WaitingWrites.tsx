import { Badge, Button, List, Popover, Text, VisuallyHidden } from "@mantine/core";
import { CloudUpload } from "lucide-react";
import { useWaitingWrites } from "./useWrite";

/** What was done and is not sent yet, for everybody to see. */
export function WaitingWrites() {
  const waiting = useWaitingWrites();
  const words = waiting.length === 1 ? "1 change waits for the connection" : `${waiting.length} changes wait for the connection`;
  return (
    <>
      <VisuallyHidden role="status">{waiting.length > 0 ? words : ""}</VisuallyHidden>
      {waiting.length > 0 && (
        <Popover width={320} position="bottom-end" shadow="md" withArrow>
          <Popover.Target>
            <Button size="compact-sm" variant="default" leftSection={<CloudUpload aria-hidden size={16} />} aria-label={`${waiting.length} waiting: ${words}`} data-waiting={waiting.length}>
              {waiting.length} waiting
            </Button>
          </Popover.Target>
          <Popover.Dropdown>
            <Text size="sm" fw={600}>{words}</Text>
            <Text size="xs" c="dimmed" mb="xs">Each is sent once, in this order, as soon as the server can be reached.</Text>
            <List size="sm" spacing={4}>
              {waiting.map(({ key, label }) => (
                <List.Item key={key}>{label}</List.Item>
              ))}
            </List>
          </Popover.Dropdown>
        </Popover>
      )}
    </>
  );
}

/** On the record itself. */
export function WaitsBadge() {
  return <Badge variant="outline" color="gray" size="sm" leftSection={<CloudUpload aria-hidden size={12} />}>waits for the connection</Badge>;
}
