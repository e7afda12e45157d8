// @vitest-environment jsdom
import { expect, test } from "vitest";
import { RealtimeClient, type RealtimeOptions } from "../src/index.js";
import { hubUrl } from "../src/options.js";

const good = { url: "https://clinic.test", token: () => null };

test.each<[string, object]>([
  ["url", { url: undefined }],
  ["url", { url: "clinic.test" }],
  ["token", { token: "ey..." }],
  ["timeoutMs", { timeoutMs: 0 }],
  ["backoff.baseMs", { backoff: { baseMs: -1 } }],
  ["backoff.maxMs", { backoff: { maxMs: Number.NaN } }],
  ["callsPerSecond", { callsPerSecond: 0 }],
  ["lingerMs", { lingerMs: -1 }],
])("An option that makes no sense is refused by its name: %s", (field, wrong) => {
  expect(() => new RealtimeClient({ ...good, ...wrong } as RealtimeOptions)).toThrow(expect.objectContaining({ code: "invalid", field }));
  expect(() => new RealtimeClient({ ...good, ...wrong } as RealtimeOptions)).toThrow(field);
});

test.each([
  ["", "http://localhost:3000/hubs/clinic"],
  ["/", "http://localhost:3000/hubs/clinic"],
  ["/clinic/", "http://localhost:3000/clinic/hubs/clinic"],
  ["https://clinic.test/", "https://clinic.test/hubs/clinic"],
])("The hub of %j is at a full address, which a worker understands too", (url, full) => {
  expect(hubUrl({ url })).toBe(full);
});
