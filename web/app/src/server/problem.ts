/** A refusal of the server, or that it could not be reached. */
export class Problem extends Error {
  readonly status: number;
  /** A code of `docs/errors.md`, or `unreachable`. */
  readonly code: string;
  readonly retryAfterMs: number;
  /** The whole problem document, for codes that carry more. */
  readonly document: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, message: string, retryAfterMs = 0, document: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.document = document;
  }

  /** Whether the same request may succeed later without anybody changing anything. */
  get passing(): boolean {
    return this.code === "unreachable" || this.status === 429 || this.status === 503 || (this.status === 409 && this.retryAfterMs > 0);
  }

  static async from(response: Response): Promise<Problem> {
    const retryAfterMs = Number(response.headers.get("retry-after") ?? 0) * 1_000 || 0;
    const document = await readDocument(response);
    const text = (name: string) => (typeof document[name] === "string" ? document[name] : undefined);
    return new Problem(response.status, text("code") ?? `http_${response.status}`, text("detail") ?? text("title") ?? response.statusText, retryAfterMs, document);
  }
}

async function readDocument(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {}; // Something between here and the server answered in words of its own.
  }
}

/** What to tell a person. */
export function explain(error: unknown): string {
  if (error instanceof Problem && error.code === "unreachable") return "The server can't be reached at the moment.";
  if (error instanceof Problem && error.status === 401) return "Your sign-in is not valid any more. Sign out and in again.";
  return error instanceof Error ? error.message : String(error);
}
