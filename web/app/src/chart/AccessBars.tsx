import { Text } from "@mantine/core";
import { momentInWords } from "../schedule/day";
import type { Access } from "./accessLog";
import classes from "./Chart.module.css";

const leastSpanMs = 60_000;

/** The loaded stretches on one axis of time, a row a user. Those that are open go on until `now`, when they were loaded. The list below says the same in words. */
export function AccessBars({ items, now }: { items: readonly Access[]; now: number }) {
  const end = Math.max(...items.map(({ closedAt }) => (closedAt ? Date.parse(closedAt) : now)));
  const start = Math.min(...items.map(({ openedAt }) => Date.parse(openedAt)), end - leastSpanMs);
  const part = (time: number) => (time - start) / (end - start);
  const users = [...new Map(items.map(({ user, name }) => [user, name]))];
  return (
    <div role="img" aria-label={`From ${momentInWords(new Date(start).toISOString())} to ${momentInWords(new Date(end).toISOString())}; the list below says the same in words`}>
      <ul className={classes.bars} aria-hidden>
        {users.map(([user, name]) => (
          <li key={user} className={classes.barRow}>
            <Text size="xs" truncate>{name}</Text>
            <div className={classes.track}>
              {items.filter((one) => one.user === user).map(({ openedAt, closedAt, breakGlass }) => (
                <div
                  key={openedAt}
                  className={classes.bar}
                  data-glass={breakGlass || undefined}
                  data-open={closedAt === null || undefined}
                  style={{ "--from": part(Date.parse(openedAt)), "--long": part(closedAt ? Date.parse(closedAt) : now) - part(Date.parse(openedAt)) } as React.CSSProperties}
                />
              ))}
            </div>
          </li>
        ))}
        <li className={classes.barRow}>
          <span />
          <div className={classes.axis}>
            <span>{momentInWords(new Date(start).toISOString())}</span>
            <span>{momentInWords(new Date(end).toISOString())}</span>
          </div>
        </li>
      </ul>
    </div>
  );
}
