import { patientTopic, type RealtimeError } from "@clinic/realtime";
import { usePatientViewing } from "@clinic/realtime-react";
import { useTopicQueries } from "@clinic/realtime-react/query";
import { SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useMe } from "../session/useSession";
import { Loaded } from "../shell/Loaded";
import { ageOf, birthInWords } from "./age";
import { AllergiesSection } from "./AllergiesSection";
import type { Closed } from "./BreakGlass";
import { addAllergy, addMedication, chartKey, chartQuery, putVitals } from "./chart";
import { wantsReason, viewingOf } from "./glass";
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
  const topic = useTopicQueries(patientTopic(patientId), {
    keys: [chartKey(patientId)],
    on: {
      "vitals:updated": (queries, event) => putVitals(queries, event.data),
      "allergy:added": (queries, event) => addAllergy(queries, event.data),
      "medication:added": (queries, event) => addMedication(queries, event.data),
    },
  });
  const asks = useAsks(patientId, viewing);
  const mine = viewingOf(viewing.viewers.find(({ user }) => user === me.user));
  const until = useRef<string | undefined>(undefined);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (mine?.until) until.current = mine.until;
    if (topic.status === "live" && viewing.status === "open") wasOpen.current = true;
  });
  useEffect(() => {
    const error = viewing.status === "refused" ? viewing.error : topic.status === "refused" && wasOpen.current ? topic.error : null;
    if (!error) return;
    const ended = until.current !== undefined && Date.now() >= Date.parse(until.current) - clocksMs;
    onClosed(!wasOpen.current ? "restricted" : ended ? "expired" : "taken", error);
  }, [viewing.status, viewing.error, topic, onClosed]);

  const closing = topic.status === "refused" && wantsReason(topic.error);
  if (closing) return <Text role="status">Opening the chart</Text>;
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
