import { VisuallyHidden } from "@mantine/core";
import classes from "./Layout.module.css";

/** How many wait at a place, and what they are, for those who do not see the number's place. */
export interface Badge {
  readonly count: number;
  /** Such as `unread`: read out after the number. */
  readonly of: string;
  readonly urgent?: boolean;
}

export function NavBadge({ badge }: { badge: Badge | null }) {
  if (!badge || badge.count === 0) return null;
  return (
    <span className={classes.badge} data-badge={badge.count} data-urgent={badge.urgent || undefined}>
      <span aria-hidden>{badge.count > 99 ? "99+" : badge.count}</span>
      <VisuallyHidden>{`, ${badge.count} ${badge.of}`}</VisuallyHidden>
    </span>
  );
}
