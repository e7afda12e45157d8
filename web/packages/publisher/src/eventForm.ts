const MAX_ID_LENGTH = 128;
const PREFIXES = ["user:", "thread:", "patient:"];

/** 1 to 128 characters of well-formed Unicode without NUL. */
const isId = (id: unknown): id is string =>
  typeof id === "string" && id.length >= 1 && id.length <= MAX_ID_LENGTH && !id.includes("\0") && !/\p{Surrogate}/u.test(id);

/** It travels in a header, which can't carry control characters and loses the space around: another clinic's name might be left. */
const isTenant = (tenant: unknown): boolean => isId(tenant) && tenant.trim() === tenant && !/\p{Cc}/u.test(tenant);

const isTopic = (topic: unknown): boolean =>
  typeof topic === "string" &&
  (topic === "tenant" || PREFIXES.some((prefix) => topic.startsWith(prefix) && isId(topic.slice(prefix.length))));

const isType = (type: unknown): boolean => typeof type === "string" && /^[A-Za-z0-9_.:/-]{1,64}$/.test(type);

/** The first field that breaks the contract's rules; undefined when none does. Callers without types may pass anything. */
export function faultyField(tenant: unknown, topic: unknown, type: unknown, id: unknown): string | undefined {
  if (!isTenant(tenant)) return "tenant";
  if (!isTopic(topic)) return "topic";
  if (!isType(type)) return "type";
  if (id !== undefined && !isId(id)) return "id";
  return undefined;
}
