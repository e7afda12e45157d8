/** The shared worker's script. It has no exports. */
import { SharedHosts } from "./sharedHosts.js";
import type { Port, ToPage, ToWorker } from "./sharedProtocol.js";
import { signalrLinks } from "./signalrLink.js";

const lock = `clinic-realtime-worker-${crypto.randomUUID()}`;
const hosts = new SharedHosts({ link: signalrLinks(), locks: navigator.locks, lock });

// Held for as long as this worker lives, and waited for by its pages.
const held = new Promise<void>((resolve) => {
  void navigator.locks.request(lock, () => {
    resolve();
    return new Promise<void>(() => undefined);
  });
});

addEventListener("connect", (event) => {
  const port = (event as MessageEvent).ports[0];
  if (port) void held.then(() => hosts.accept(port as Port<ToPage, ToWorker>));
});
