import { expectTypeOf, test } from "vitest";
import type { QueryClient } from "@tanstack/react-query";
import type { Appointment, EventOf, TopicState, Vitals } from "@clinic/realtime";
import { useAppointmentEvents, usePatientViewing, useTopicEvents } from "@clinic/realtime-react";
import { patchList, upsertById, useTopicQueries } from "@clinic/realtime-react/query";

test("Handlers get their event's data", () => {
  const state = useTopicEvents("patient:p-1", {
    on: {
      "vitals:updated": (event) => {
        expectTypeOf(event).toEqualTypeOf<EventOf<"vitals:updated">>();
        expectTypeOf(event.data).toEqualTypeOf<Vitals>();
      },
    },
  });
  expectTypeOf(state).toEqualTypeOf<TopicState>();
  // @ts-expect-error there is no such type
  useTopicEvents("tenant", { on: { "vitals:eaten": () => undefined } });
  useAppointmentEvents({ onCreated: (appointment) => expectTypeOf(appointment).toEqualTypeOf<Appointment>() });
});

test("Patches get the cache and their event", () => {
  useTopicQueries("tenant", {
    keys: [["appointments"]],
    on: {
      "appointment:updated": (queries, { data }) => {
        expectTypeOf(queries).toEqualTypeOf<QueryClient>();
        queries.setQueryData<{ items: Appointment[] }>(["appointments"], patchList<Appointment>((items) => upsertById(items, data)));
      },
    },
  });
});

test("A chart's edits are held or lost", () => {
  const edit = usePatientViewing("p-1").edits.get("vitals");
  if (edit?.status === "held") expectTypeOf(edit.lease).toEqualTypeOf<string>();
  // @ts-expect-error a lost edit has no lease
  if (edit?.status === "lost") void edit.lease;
});
