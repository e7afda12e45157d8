import { Button, Card, Group, MultiSelect, Stack, Switch, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useColleagues } from "../people/staff";
import { momentInWords } from "../schedule/day";
import { Loaded } from "../shell/Loaded";
import { useIsWaiting, useWrite } from "../writes/useWrite";
import { WaitsBadge } from "../writes/WaitingWrites";
import { restrictionQuery, type RestrictionHistory } from "./accessLog";

/** Whether the chart is restricted, and to whom not. */
export function RestrictionCard({ patientId }: { patientId: string }) {
  const query = useQuery(restrictionQuery(patientId));
  return (
    <Card withBorder component="section" aria-labelledby="restriction">
      <Text component="h2" fw={600} id="restriction" mb="sm">Restriction</Text>
      <Loaded query={query}>{(restriction) => <RestrictionForm key={restriction.version} patientId={patientId} restriction={restriction} />}</Loaded>
    </Card>
  );
}

function RestrictionForm({ patientId, restriction }: { patientId: string; restriction: RestrictionHistory }) {
  const { restricted: was, careTeam: wereIn, items } = restriction;
  const last = items[items.length - 1];
  const { list, nameOf } = useColleagues();
  const write = useWrite();
  const subject = `${patientId}/restriction`;
  const waiting = useIsWaiting(subject);
  const [restricted, setRestricted] = useState(was);
  const [careTeam, setCareTeam] = useState<string[]>([...wereIn]);
  const people = [...list, ...wereIn.filter((user) => !list.some((one) => one.user === user)).map((user) => ({ user, name: user }))];
  const changed = restricted !== was || [...careTeam].sort().join("\n") !== [...wereIn].sort().join("\n");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        write({
          method: "PATCH", path: `/api/patients/${encodeURIComponent(patientId)}/restriction`, body: { restricted, careTeam },
          kind: "restriction", subject, label: restricted ? "Restrict a chart" : "Lift a chart’s restriction",
        }).catch(() => undefined);
      }}
    >
      <Stack gap="sm">
        <Switch
          label="Only the care team opens the chart without a reason"
          checked={restricted}
          onChange={(event) => setRestricted(event.currentTarget.checked)}
        />
        <MultiSelect label="Care team" placeholder={careTeam.length === 0 ? "Nobody" : ""} searchable maxValues={200} data={people.map(({ user, name }) => ({ value: user, label: name }))} value={careTeam} onChange={setCareTeam} />
        <Group justify="space-between">
          <Text size="xs" c="dimmed">{last ? `${last.restricted ? "Restricted" : "Not restricted"} since a change by ${nameOf(last.changedBy)}, ${momentInWords(last.changedAt)}` : "Never changed"}</Text>
          <Group gap="xs">
            {waiting && <WaitsBadge />}
            <Button type="submit" size="sm" disabled={!changed || waiting}>Save</Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
