import { useEffect, useState, type ReactNode } from "react";
import { RealtimeClient, type RealtimeOptions } from "@clinic/realtime";
import { RealtimeContext } from "./context.js";
import { useLatest } from "./useLatest.js";

export type RealtimeProviderProps = { readonly children?: ReactNode } & (
  | { /** A client of your own; it is started while the provider is mounted. */ readonly client: RealtimeClient; readonly options?: never }
  | {
      /** Read at the first render; `token` and `onError` are always those of the last. Another user, or another clinic, is another provider: give it a `key`. */
      readonly options: RealtimeOptions;
      readonly client?: never;
    }
);

/** Connects while it is mounted. Renders on a server too, where it connects to nothing. */
export function RealtimeProvider({ client, options, children }: RealtimeProviderProps) {
  const latest = useLatest(options);
  const [own] = useState(() => (options ? new RealtimeClient(following(options, () => latest.current ?? options)) : null));
  const used = client ?? own;
  if (!used) throw new Error("<RealtimeProvider> needs a client, or options from its first render on.");
  useEffect(() => used.hold(), [used]);
  return <RealtimeContext.Provider value={used}>{children}</RealtimeContext.Provider>;
}

function following(first: RealtimeOptions, now: () => RealtimeOptions): RealtimeOptions {
  return {
    ...first,
    token: (request) => now().token(request),
    ...(first.onError && { onError: (error: unknown) => now().onError?.(error) }),
  };
}
