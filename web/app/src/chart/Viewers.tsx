import type { PresenceEntry } from "@clinic/realtime";
import { Badge, Group, Text } from "@mantine/core";
import { Eye, PencilLine, ShieldAlert } from "lucide-react";
import { Face, statusWords } from "../people/Face";
import { roleName } from "../people/roles";
import classes from "./Chart.module.css";
import { sectionInWords } from "./records";

export interface ViewersProps {
  readonly others: readonly PresenceEntry[];
  /** Whether that is of now, or the last known. */
  readonly live: boolean;
  /** Whether this user's own opening is on record. */
  readonly opened: boolean;
}

/** Who else has the chart open, how they are and what they do there. */
export function Viewers({ others, live, opened }: ViewersProps) {
  return (
    <section className={classes.viewers} aria-label="Being viewed by" aria-live="polite">
      <Group gap={6} wrap="nowrap" className={classes.viewersHead ?? ""}>
        <Eye aria-hidden size={16} />
        <Text component="h2" size="sm" fw={600}>{live ? "Being viewed by" : "Last seen here"}</Text>
      </Group>
      {others.length === 0 ? (
        <Text size="sm" c="dimmed">{live ? "Nobody else" : opened ? "Not known yet" : "Not known without a connection"}</Text>
      ) : (
        <ul className={classes.viewerList}>
          {others.map((entry) => <Viewer key={entry.user} entry={entry} live={live} />)}
        </ul>
      )}
    </section>
  );
}

function Viewer({ entry, live }: { entry: PresenceEntry; live: boolean }) {
  const { user, name, role, status, editing, viewing } = entry;
  const edits = editing?.length ? editing : null;
  return (
    <li className={classes.viewer} data-viewer={user} data-status={status} data-editing={edits?.join(" ")}>
      <Face user={user} name={name} size={34} status={live ? status : undefined} />
      <div style={{ minWidth: 0 }}>
        <Text size="sm" fw={500} truncate lh={1.3}>{name} <Text span size="xs" c="dimmed" fw={400}>{roleName(role)}</Text></Text>
        <Group gap={4} wrap="nowrap">
          {edits ? <PencilLine aria-hidden size={12} /> : null}
          <Text size="xs" c="dimmed" truncate lh={1.3}>
            {edits ? <Text span size="xs" fw={600} c="var(--mantine-color-text)">edits {edits.map(sectionInWords).join(", ")}</Text> : "reads"}
            {live && `, ${statusWords[status].word}`}
          </Text>
        </Group>
      </div>
      {viewing?.breakGlass && <Badge variant="outline" color="orange" c="var(--mantine-color-text)" size="sm" leftSection={<ShieldAlert aria-hidden size={12} />}>with a reason</Badge>}
    </li>
  );
}
