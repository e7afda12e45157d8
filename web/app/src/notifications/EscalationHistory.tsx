import { Button, Text, Timeline } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useColleagues } from "../people/staff";
import { momentInWords } from "../schedule/day";
import { Problem } from "../server/problem";
import { escalationQuery } from "./escalation";

/** Who answers for a notification, until when, and how it came to them. */
export function EscalationHistory({ id }: { id: string }) {
  const { nameOf } = useColleagues();
  const [asked, setAsked] = useState(false);
  const { data, error } = useQuery({ ...escalationQuery(id), enabled: asked });
  if (error instanceof Problem && error.code === "not_found") return <Text size="xs" mt={2}>It is not escalated.</Text>;
  if (!data) {
    return <Button variant="subtle" size="compact-xs" px={0} mt={2} loading={asked} onClick={() => setAsked(true)}>Who answers for it?</Button>;
  }
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
