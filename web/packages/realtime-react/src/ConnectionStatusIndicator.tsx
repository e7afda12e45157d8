import type { CSSProperties } from "react";
import type { ConnectionState, ConnectionStatus } from "@clinic/realtime";
import { useConnectionStatus } from "./useConnectionStatus.js";

export type ConnectionWords = Readonly<Record<ConnectionStatus, string>>;

const english: ConnectionWords = {
  connecting: "Connecting",
  connected: "Live",
  reconnecting: "Reconnecting",
  offline: "Offline",
  unauthorized: "Signed out",
};

/** Shapes differ too: a full disc, a ring, a half, a bar and a cross can be told apart without colour. */
const marks: Readonly<Record<ConnectionStatus, { color: string; shape: string }>> = {
  connecting: { color: "#8a6100", shape: "M8 2a6 6 0 1 0 6 6h-2a4 4 0 1 1-4-4z" },
  connected: { color: "#18794e", shape: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2z" },
  reconnecting: { color: "#8a6100", shape: "M8 2a6 6 0 1 1 0 12zM8 4v0a4 4 0 0 0 0 8z" },
  offline: { color: "#5f6368", shape: "M2 6.5h12v3H2z" },
  unauthorized: { color: "#b3261e", shape: "M3.4 2 8 6.6 12.6 2 14 3.4 9.4 8l4.6 4.6-1.4 1.4L8 9.4 3.4 14 2 12.6 6.6 8 2 3.4z" },
};

export interface ConnectionStatusIndicatorProps {
  /** Other words, such as of another language. */
  readonly words?: Partial<ConnectionWords>;
  /** More to say of a state, shown after the word. */
  readonly describe?: (state: ConnectionState) => string | null;
  readonly className?: string;
  readonly style?: CSSProperties;
}

/**
 * The state of the connection in words, a shape and a colour. Screen readers are told of each change, politely. Style it by `[data-status]`, its colour by
 * `--clinic-status-color`.
 */
export function ConnectionStatusIndicator({ words, describe, className, style }: ConnectionStatusIndicatorProps) {
  const state = useConnectionStatus();
  const { color, shape } = marks[state.status];
  const more = describe?.(state);
  return (
    <span role="status" className={className} data-status={state.status} style={{ display: "inline-flex", alignItems: "center", gap: "0.4em", ...style }}>
      <svg aria-hidden="true" width="0.75em" height="0.75em" viewBox="0 0 16 16" style={{ flex: "none", fill: `var(--clinic-status-color, ${color})` }}>
        <path d={shape} />
      </svg>
      <span>
        {words?.[state.status] ?? english[state.status]}
        {more ? <small> {more}</small> : null}
      </span>
    </span>
  );
}
