import { Alert, Button, Group, Text } from "@mantine/core";
import type { RealtimeError } from "@clinic/realtime";
import { useQueryClient } from "@tanstack/react-query";
import { useBlocker, useParams } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { usePatientName } from "../patients/usePatientName";
import { Dialog } from "../shell/Dialog";
import { PageHead } from "../shell/PageHead";
import { BreakGlass, type Closed } from "./BreakGlass";
import { Chart } from "./Chart";
import { chartKey } from "./chart";
import { ChartTabs } from "./ChartTabs";
import { DraftsContext, useDrafts } from "./drafts";
import { wantsReason } from "./glass";

/** The chart of the patient in the address. */
export function ChartPage() {
  const { patientId } = useParams({ from: "/patients/$patientId" });
  return <PatientPage key={patientId} patientId={patientId} />;
}

type Access =
  | { readonly status: "open"; readonly reason?: string }
  /** Restricted: it wants a reason. */
  | { readonly status: "closed"; readonly closed: Closed }
  | { readonly status: "refused"; readonly error: RealtimeError };

function PatientPage({ patientId }: { patientId: string }) {
  const queries = useQueryClient();
  const patientName = usePatientName();
  const name = patientName(patientId);
  const drafts = useDrafts();
  const [access, setAccess] = useState<Access>({ status: "open" });

  const onClosed = useCallback(
    (why: Closed["why"], error: RealtimeError) => {
      // What one may not see any more is not kept either.
      queries.removeQueries({ queryKey: chartKey(patientId) });
      setAccess(wantsReason(error) ? { status: "closed", closed: { why } } : { status: "refused", error });
    },
    [queries, patientId],
  );

  return (
    <DraftsContext value={drafts}>
      <PageHead title={name}><ChartTabs patientId={patientId} /></PageHead>
      {access.status === "open" && <Chart patientId={patientId} name={name} reason={access.reason} onClosed={onClosed} />}
      {access.status === "closed" && (
        <BreakGlass name={name} closed={access.closed} drafts={drafts.any} onOpen={(reason) => setAccess({ status: "open", reason })} />
      )}
      {access.status === "refused" && (
        <Alert role="alert" color="red" variant="outline" title="This chart can’t be opened" maw={560}>{access.error.message}</Alert>
      )}
      <LeaveGuard guarding={drafts.any} />
    </DraftsContext>
  );
}

/** What was typed is not lost by a wrong click. */
function LeaveGuard({ guarding }: { guarding: boolean }) {
  const { status, proceed, reset } = useBlocker({ shouldBlockFn: () => guarding, enableBeforeUnload: guarding, withResolver: true });
  return (
    <Dialog opened={status === "blocked"} onClose={() => reset?.()} title="Leave without saving?">
      <Text size="sm" mb="md">What you typed on this chart is not saved, and goes when you leave.</Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={() => proceed?.()}>Leave</Button>
        <Button data-autofocus onClick={() => reset?.()}>Stay</Button>
      </Group>
    </Dialog>
  );
}
