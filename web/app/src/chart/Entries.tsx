import { Text } from "@mantine/core";
import { useState } from "react";
import { useColleagues } from "../people/staff";
import { momentInWords } from "../schedule/day";
import classes from "./Chart.module.css";

export interface Entry {
  readonly id: string;
  readonly title: string;
  readonly more: string;
  readonly by: string;
  readonly at: string;
}

/** Entries of a section, those that came while one looks marked for a moment. */
export function Entries({ entries, nothing }: { entries: readonly Entry[]; nothing: string }) {
  const { nameOf } = useColleagues();
  const [first] = useState(() => new Set(entries.map(({ id }) => id)));
  if (entries.length === 0) return <Text size="sm" c="dimmed" mt="xs">{nothing}</Text>;
  return (
    <ul className={classes.entries} aria-live="polite">
      {entries.map(({ id, title, more, by, at }) => (
        <li key={id} className={`${classes.entry ?? ""} ${first.has(id) ? "" : classes.fresh}`} data-entry={id}>
          <Text size="sm" fw={500}>{title}{more && <Text span size="sm" fw={400}>, {more}</Text>}</Text>
          <Text size="xs" c="dimmed">{nameOf(by)}, <time dateTime={at}>{momentInWords(at)}</time></Text>
        </li>
      ))}
    </ul>
  );
}
