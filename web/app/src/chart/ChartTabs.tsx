import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, FileClock } from "lucide-react";
import { useMe } from "../session/useSession";
import { answersForPrivacy } from "./privacy";

/** The ways from a chart: back to all patients, and to who had it open, for those who may know. */
export function ChartTabs({ patientId }: { patientId: string }) {
  const me = useMe();
  return (
    <>
      <Button component={Link} to="/patients" variant="default" size="sm" leftSection={<ArrowLeft aria-hidden size={16} />}>Patients</Button>
      {answersForPrivacy(me) && (
        <Button component={Link} to={`/patients/${encodeURIComponent(patientId)}/access`} variant="default" size="sm" leftSection={<FileClock aria-hidden size={16} />}>
          Access log
        </Button>
      )}
    </>
  );
}
