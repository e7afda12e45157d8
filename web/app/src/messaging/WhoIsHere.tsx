import { useThreadRoom } from "@clinic/realtime-react";
import { Group, Text, Tooltip } from "@mantine/core";
import { Face, statusWords } from "../people/Face";
import { useColleagues } from "../people/staff";
import { useMe } from "../session/useSession";
import { namesInWords } from "./names";

const mostFaces = 5;

/** Who has the thread open at the moment, and who else takes part. */
export function WhoIsHere({ threadId, participants }: { threadId: string; participants: readonly string[] }) {
  const me = useMe();
  const { nameOf } = useColleagues();
  const { others, live } = useThreadRoom(threadId);
  const away = participants.filter((user) => user !== me.user && !others.some((one) => one.user === user));
  const here =
    !live ? "Who is here is not known at the moment"
    : others.length === 0 ? "Nobody else is here"
    : `${namesInWords(others.map(({ name }) => name), 3)} ${others.length === 1 ? "is" : "are"} here`;
  return (
    <Group gap="xs" mt={2} mih={26} wrap="nowrap" aria-label="Who is here" role="group">
      {live && others.length > 0 && (
        <Group gap={4} wrap="nowrap">
          {others.slice(0, mostFaces).map(({ user, name, status }) => (
            <Tooltip key={user} label={`${name}, ${statusWords[status].word}`}>
              <span data-here={user} style={{ display: "inline-flex" }}><Face user={user} name={name} size={24} status={status} /></span>
            </Tooltip>
          ))}
        </Group>
      )}
      <Text size="xs" c="dimmed" truncate>
        {here}
        {live && away.length > 0 && `; not here: ${namesInWords(away.map(nameOf), 3)}`}
      </Text>
    </Group>
  );
}
