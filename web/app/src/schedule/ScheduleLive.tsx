import { useTopicEvents } from "@clinic/realtime-react";
import { useTopicQueries } from "@clinic/realtime-react/query";
import { UserCheck } from "lucide-react";
import { usePatientName } from "../patients/usePatientName";
import { useColleagues } from "../people/staff";
import { useMe } from "../session/useSession";
import { tellNews } from "../shell/news";
import { appointmentsKey, putAppointment } from "./appointments";
import { clockTime } from "./day";

/** Keeps every day that was looked at true, and tells of patients who have arrived, on whichever page one is. */
export function ScheduleLive() {
  const me = useMe();
  const { nameOf } = useColleagues();
  const patientName = usePatientName();
  useTopicQueries("tenant", {
    keys: [appointmentsKey],
    on: {
      "appointment:created": (queries, { data }) => putAppointment(queries, data),
      "appointment:updated": (queries, { data }) => putAppointment(queries, data),
      "appointment:cancelled": (queries, { data }) => putAppointment(queries, data),
    },
  });
  useTopicEvents("tenant", {
    on: {
      "patient:checked_in": ({ id, by, data: { patientId, providerId, startsAt } }) => {
        const patient = patientName(patientId);
        tellNews({
          id,
          title: `${patient} has checked in`,
          message: `${clockTime(startsAt)} with ${providerId === me.user ? "you" : nameOf(providerId)}${by && by !== me.user ? `, told by ${nameOf(by)}` : ""}`,
          color: "teal.8",
          icon: <UserCheck aria-hidden size={18} />,
          autoClose: 8_000,
        });
      },
    },
  });
  return null;
}
