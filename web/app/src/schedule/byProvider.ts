import type { Appointment } from "@clinic/realtime";

export type ByProvider = ReadonlyMap<string, readonly Appointment[]>;

/** A day's appointments by provider. Who has the same as before keeps the list of before, so that their column is left alone. */
export function groupByProvider(appointments: readonly Appointment[], before: ByProvider): ByProvider {
  const groups = new Map<string, Appointment[]>();
  for (const one of appointments) {
    const group = groups.get(one.providerId);
    if (group) group.push(one);
    else groups.set(one.providerId, [one]);
  }
  return new Map(
    [...groups].map(([provider, group]) => {
      const known = before.get(provider);
      return [provider, known && known.length === group.length && known.every((one, at) => one === group[at]) ? known : group];
    }),
  );
}
