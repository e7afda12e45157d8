import { Text, Timeline } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useColleagues } from "../people/staff";
import { momentInWords } from "../schedule/day";
import { escalationQuery } from "./escalation";

/** Who answers for a notification, until when, and how it came to them. */
export function EscalationHistory({ id }: { id: string }) {
  const { nameOf } = useColleagues();
  const { data } = useQuery(escalationQuery(id));
  if (!data) return null;
  return (
    <>
      {!data.acknowledgedAt && (
        <Text size="xs" mt={2}>
          {nameOf(data.owner)} answers for it{data.dueAt && <> until <time dateTime={data.dueAt}>{momentInWords(data.dueAt)}</time>, then it goes on</>}.
        </Text>
      )}
      {data.items.length > 0 && (
        <Timeline bulletSize={12} lineWidth={2} mt="xs" active={data.items.length} aria-label="Escalations">
          {data.items.map(({ step, at, from, to, reason }) => (
            <Timeline.Item key={step}>
              <Text size="xs">
                {momentInWords(at)}: {reason === "nobody_left" ? `nobody left to ask; ${nameOf(to)} answers for it` : `from ${nameOf(from)} to ${nameOf(to)}, not acknowledged`}
              </Text>
            </Timeline.Item>
          ))}
        </Timeline>
      )}
    </>
  );
}
