import { session } from "../session/session";
import { Problem } from "./problem";
import { reachability } from "./reachability";

const timeoutMs = 15_000;

export interface RequestOptions {
  readonly method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Asks the Api as who is signed in; a token that the server does not take any more is replaced once. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const answer = await send(path, options, await session.token());
  const final = answer.status === 401 ? await send(path, options, await session.freshToken()) : answer;
  if (!final.ok) throw await Problem.from(final);
  return (final.status === 204 ? undefined : await final.json()) as T;
}

async function send(path: string, { method = "GET", body, headers, signal }: RequestOptions, token: string | null): Promise<Response> {
  return reach(path, {
    method,
    signal: signal ? AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) : AbortSignal.timeout(timeoutMs),
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** A fetch whose failure is a `Problem`, and that tells whether the server can be reached. */
export async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    const answer = await fetch(path, { cache: "no-store", ...init });
    // A proxy answers these for a server that is away.
    if (answer.status === 502 || answer.status === 504) throw new Error(answer.statusText);
    reachability.answered();
    return answer;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    reachability.failed();
    throw new Problem(0, "unreachable", "The server can't be reached.");
  }
}
