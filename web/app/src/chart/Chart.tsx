import { patientTopic, type PresenceEntry, type RealtimeError } from "@clinic/realtime";
import { usePatientViewing, type PatientViewing } from "@clinic/realtime-react";
import { useTopicQueries } from "@clinic/realtime-react/query";
import { SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useMe } from "../session/useSession";
import { Loaded } from "../shell/Loaded";
import { useOnline } from "../writes/useWrite";
import { ageOf, birthInWords } from "./age";
import { AllergiesSection } from "./AllergiesSection";
import type { Closed } from "./BreakGlass";
import { addAllergy, addMedication, chartKey, chartQuery, putVitals } from "./chart";
import { GlassBanner } from "./GlassBanner";
import { MedicationsSection } from "./MedicationsSection";
import { useAsks } from "./useAsks";
import { Viewers } from "./Viewers";
import { VitalsSection } from "./VitalsSection";

export interface ChartProps {
  readonly patientId: string;
  readonly name: string;
  /** Why a restricted chart is opened. */
  readonly reason: string | undefined;
  /** It is not, or no longer, open to this user. */
  readonly onClosed: (why: Closed["why"], error: RealtimeError) => void;
}

/** An open chart: who looks at it, and its sections as they are now. */
export function Chart({ patientId, name, reason, onClosed }: ChartProps) {
  const me = useMe();
  const viewing = usePatientViewing(patientId, { reason });
  const query = useQuery({ ...chartQuery(patientId), enabled: viewing.status === "open" });
  useTopicQueries(patientTopic(patientId), {
    keys: [chartKey(patientId)],
    on: {
      "vitals:updated": (queries, event) => putVitals(queries, event.data),
      "allergy:added": (queries, event) => addAllergy(queries, event.data),
      "medication:added": (queries, event) => addMedication(queries, event.data),
    },
  });
  const asks = useAsks(patientId, viewing);
  const mine = viewing.viewers.find(({ user }) => user === me.user)?.viewing;
  useClosed(viewing, mine, onClosed);
  const online = useOnline();
  if (viewing.status === "refused") return null;
  if (!query.data && !online) return <Text role="status">This chart was not opened yet and waits for the connection.</Text>;
  return (
    <Stack gap="md">
      {query.data && <Text size="sm" c="dimmed" mt={{ base: -4, xs: -16 }}>Born {birthInWords(query.data.birthDate)}, {ageOf(query.data.birthDate)} years</Text>}
      {mine?.breakGlass && <GlassBanner reason={mine.reason} until={mine.until} />}
      <Viewers others={viewing.others} live={viewing.live} opened={viewing.status === "open"} />
      <Loaded query={query}>
        {(chart) => (
          <>
            <VitalsSection patientId={patientId} name={name} vitals={chart.vitals} viewing={viewing} asks={asks} />
            <SimpleGrid cols={{ base: 1, md: 2 }} style={{ alignItems: "start" }}>
              <AllergiesSection patientId={patientId} name={name} allergies={chart.allergies} viewing={viewing} asks={asks} />
              <MedicationsSection patientId={patientId} name={name} medications={chart.medications} viewing={viewing} asks={asks} />
            </SimpleGrid>
          </>
        )}
      </Loaded>
    </Stack>
  );
}

/** How far the server's clock and this one's may be apart and still be believed to agree. */
const clocksMs = 5_000;

/** Tells when the chart is refused, and what was before. */
function useClosed({ status, error }: PatientViewing, mine: PresenceEntry["viewing"], onClosed: ChartProps["onClosed"]): void {
  const before = useRef<PresenceEntry["viewing"]>(undefined);
  useEffect(() => {
    if (mine && status === "open") before.current = mine;
  }, [mine, status]);
  useEffect(() => {
    if (status !== "refused" || !error) return;
    const was = before.current;
    if (!was) onClosed("restricted", error);
    else if (!was.breakGlass) onClosed("taken", error);
    else onClosed(was.until && Date.now() >= Date.parse(was.until) - clocksMs ? "expired" : "away", error);
  }, [status, error, onClosed]);
}
