import { queryOptions, useQuery } from "@tanstack/react-query";
import { usePresenceEvents } from "@clinic/realtime-react";
import { useMemo } from "react";
import { Problem } from "../server/problem";
import { reach } from "../server/request";
import type { StaffMember } from "../session/session";
import { useMe } from "../session/useSession";

/** The staff of the sample clinics, of all of them: those who can be signed in as. Empty where the server has none. */
export async function loadStaff(signal?: AbortSignal): Promise<readonly StaffMember[]> {
  const answer = await reach("/api/demo/staff", { signal: signal ?? null });
  if (answer.status === 404) return [];
  if (!answer.ok) throw await Problem.from(answer);
  return (await answer.json()) as StaffMember[];
}

export const staffQuery = queryOptions({ queryKey: ["staff"], queryFn: ({ signal }) => loadStaff(signal) });

export interface Colleague {
  readonly user: string;
  readonly name: string;
  readonly role: string;
}

/** Everybody of the clinic whose name is known: from the list of staff, and from who is online. */
export function useColleagues(): { list: readonly Colleague[]; nameOf: (user: string) => string } {
  const me = useMe();
  const { data } = useQuery(staffQuery);
  const { entries } = usePresenceEvents();
  return useMemo(() => {
    const known = new Map<string, Colleague>();
    for (const { tenant, user, name, roles } of data ?? []) if (tenant === me.tenant) known.set(user, { user, name, role: roles[0] ?? "staff" });
    for (const { user, name, role } of entries) if (!known.has(user)) known.set(user, { user, name, role });
    if (!known.has(me.user)) known.set(me.user, { user: me.user, name: me.name, role: me.roles[0] ?? "staff" });
    return { list: [...known.values()], nameOf: (user) => known.get(user)?.name ?? user };
  }, [data, entries, me]);
}
