import { SharedConnection, type WorkerHandle } from "./sharedConnection.js";
import type { Locks } from "./sharedProtocol.js";
import type { ConnectSharing } from "./sharing.js";

/** The bundler finds the worker's script by this form, in which nothing may be computed. The number is `sharedVersion`. */
const create = () => new SharedWorker(new URL("./sharedWorker.js", import.meta.url), { type: "module", name: "clinic-realtime-2" });

/**
 * Shares one connection among the browser's tabs of one user in one clinic, over a `SharedWorker`. Where there is none (Chrome on Android), or its script can't be
 * loaded, each page has its own connection. Give `createWorker` when your bundler needs another way to find `@clinic/realtime/shared-worker`.
 */
export function sharedWorker(createWorker: () => SharedWorker = create): ConnectSharing {
  return (request, sink, own) => {
    if (typeof SharedWorker === "undefined" || typeof navigator === "undefined" || !navigator.locks) return null;
    return new SharedConnection({
      request,
      sink,
      own,
      createWorker: createWorker as () => WorkerHandle,
      locks: navigator.locks as Locks,
      watch: ({ hide, show }) => {
        addEventListener("pagehide", hide);
        addEventListener("pageshow", show);
        return () => {
          removeEventListener("pagehide", hide);
          removeEventListener("pageshow", show);
        };
      },
    });
  };
}

export type { ConnectSharing } from "./sharing.js";
