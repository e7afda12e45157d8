/** Codes of the server (`docs/errors.md`), then those of the client itself. */
export type ErrorCode =
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "invalid"
  | "rate_limited"
  | "limit_exceeded"
  | "conflict"
  | "unavailable"
  | "internal"
  /** There was no connection within the time that the call may wait for one; it was not sent. */
  | "offline"
  /** The connection ended before the answer: it is not known whether the call took effect. */
  | "interrupted"
  /** No answer came in time: it is not known whether the call took effect. */
  | "timeout"
  /** The client was stopped. */
  | "stopped";

const ofServer = /\b(unauthenticated|forbidden|not_found|invalid|rate_limited|limit_exceeded|conflict|unavailable|internal): ?([\s\S]*)$/;
const causeFirst = /^([a-z]+(?:_[a-z]+)+): ?/;
const fieldFirst = /^([A-Za-z]\w*(?:\.\w+)*) (?:is|has|must|can)\b/;

/** What every call of this package is refused with. Branch on `code`; the text is for people and changes. */
export class RealtimeError extends Error {
  readonly code: ErrorCode;
  /** The argument that was refused, such as `topic` or `since.offset`, when the refusal names one. */
  readonly field: string | undefined;
  /** What the code is due to, when the server says: `reason_required` with `forbidden` is a restricted chart, which opens with a reason. */
  readonly causeCode: string | undefined;

  constructor(code: ErrorCode, message: string, options: { field?: string | undefined; causeCode?: string | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "RealtimeError";
    this.code = code;
    this.field = options.field;
    this.causeCode = options.causeCode;
  }

  /** Whether the same call may succeed a little later without anybody changing anything. */
  get transient(): boolean {
    return ["rate_limited", "unavailable", "conflict", "internal", "offline", "interrupted", "timeout"].includes(this.code);
  }

  /** Makes sense of whatever a hub call threw. */
  static from(error: unknown): RealtimeError {
    if (error instanceof RealtimeError) return error;
    const text = error instanceof Error ? error.message : String(error);
    const found = ofServer.exec(text);
    if (!found) return new RealtimeError("interrupted", text, { cause: error });
    const explanation = found[2] ?? "";
    const code = found[1] as ErrorCode;
    const field = code === "invalid" || code === "limit_exceeded" ? fieldFirst.exec(explanation)?.[1] : undefined;
    const causeCode = causeFirst.exec(explanation)?.[1];
    return new RealtimeError(code, explanation.replace(causeFirst, "") || code, { field, causeCode, cause: error });
  }
}
