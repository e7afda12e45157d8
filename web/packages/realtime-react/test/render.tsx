import { StrictMode, type ReactNode } from "react";
import { act, cleanup, render } from "@testing-library/react";
import { onTestFinished, vi } from "vitest";
import { RealtimeClient } from "@clinic/realtime";
import { RealtimeProvider } from "@clinic/realtime-react";
import { FakeHub, makeToken } from "../../realtime/test/fakeHub.js";

export { entry, FakeHub, hubError, makeToken } from "../../realtime/test/fakeHub.js";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

export const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

/** Something happens outside of React. */
export const happen = (one: () => void) =>
  act(async () => {
    one();
    await vi.advanceTimersByTimeAsync(0);
  });

export function newClient(hub: FakeHub): RealtimeClient {
  return new RealtimeClient({ url: "https://clinic.test", token: () => makeToken(), link: hub.factory, lingerMs: 50 });
}

/** Renders under StrictMode, which mounts everything twice. */
export async function show(children: ReactNode, { hub = new FakeHub(), client = newClient(hub) } = {}) {
  const page = (inner: ReactNode) => (
    <StrictMode>
      <RealtimeProvider client={client}>{inner}</RealtimeProvider>
    </StrictMode>
  );
  const view = render(page(children));
  onTestFinished(async () => {
    cleanup();
    await client.stop();
  });
  await pass(0);
  return { hub, client, view, change: (inner: ReactNode) => act(async () => view.rerender(page(inner))) };
}
