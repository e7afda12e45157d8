// Rendering on a server: no window, no document, nothing connects.
import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";
import { ConnectionStatusIndicator, RealtimeProvider, usePatientViewing, usePresenceEvents, useThreadRoom, useTypingIndicator } from "@clinic/realtime-react";
import { FakeHub, makeToken } from "../../realtime/test/fakeHub.js";

function Page() {
  const { entries } = usePresenceEvents();
  const { status } = usePatientViewing("p-1");
  const { present } = useThreadRoom("t-1");
  useTypingIndicator("t-1");
  return (
    <p>
      {status} {entries.length + present.length}
      <ConnectionStatusIndicator />
    </p>
  );
}

test("A page renders on a server as it does at first in a browser, and touches nothing", async () => {
  expect(typeof window).toBe("undefined");
  const hub = new FakeHub();
  const html = renderToString(
    <RealtimeProvider options={{ url: "https://clinic.test", token: () => makeToken(), link: hub.factory }}>
      <Page />
    </RealtimeProvider>,
  );
  expect(html).toContain("opening");
  expect(html).toContain("Connecting");
  await Promise.resolve();
  expect(hub.links).toHaveLength(0);
});

test("The modules can be loaded on a server, the shared worker's page side too", async () => {
  const { sharedWorker } = await import("../../realtime/src/shared.js");
  expect(sharedWorker()({} as never, {} as never, () => null as never)).toBeNull();
});
