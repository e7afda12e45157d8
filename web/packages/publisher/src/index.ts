import { systemClock } from "./clock.js";
import { httpTransport } from "./httpTransport.js";
import { checkOptions, type ClinicPublisherOptions } from "./options.js";
import { QueuedPublisher } from "./queuedPublisher.js";

export type { Notification } from "./events.js";
export type { ClinicPublisherOptions } from "./options.js";
export type { Stats } from "./queuedPublisher.js";
export type { DropReason, Report } from "./report.js";

/** Publishes to a Clinic Api over HTTP. Made once per process; `close` it when the process is told to end. */
export class ClinicPublisher extends QueuedPublisher {
  /** @throws TypeError that names the option that can't work. */
  constructor(options: ClinicPublisherOptions) {
    const checked = checkOptions(options);
    super(checked, httpTransport(checked.url, checked.serviceKey, checked.attemptTimeoutMs), systemClock);
  }
}
