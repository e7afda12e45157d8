import { Problem } from "../server/problem";
import { reach } from "../server/request";

/** Somebody who can sign in, as `GET /api/demo/staff` and `POST /dev/token` know them. */
export interface StaffMember {
  readonly tenant: string;
  /** The clinic's name. */
  readonly clinic: string;
  readonly user: string;
  readonly name: string;
  readonly roles: readonly string[];
}

/** Who is signed in, and how their tokens come: from the server's sample clinics, or one that was brought along. */
export interface SignedIn extends StaffMember {
  readonly token?: string;
}

const storageKey = "clinic.signed-in";
/** Short, so that a renewal is an everyday thing. */
const tokenSeconds = 15 * 60;
const spareMs = 30_000;

/**
 * Who is signed in in this window. Each window signs in for itself, so that two can be two people; it stays so over a reload. Tokens of sample staff are in
 * memory alone.
 */
class Session {
  #who: SignedIn | null = read();
  #token: string | null = null;
  #goodUntil = 0;
  #asking: Promise<string | null> | null = null;
  #listeners = new Set<() => void>();

  get who(): SignedIn | null {
    return this.#who;
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#listeners.add(changed);
    return () => void this.#listeners.delete(changed);
  };

  signIn(who: SignedIn): void {
    this.#become(who);
  }

  signOut(): void {
    this.#become(null);
  }

  /** A token that is good for a while yet; null when nobody is signed in. */
  async token(): Promise<string | null> {
    return this.#token && Date.now() < this.#goodUntil ? this.#token : this.freshToken();
  }

  /** Another token; who asks meanwhile gets the same. */
  freshToken(): Promise<string | null> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #ask(): Promise<string | null> {
    const who = this.#who;
    if (!who) return null;
    if (who.token) return who.token;
    const { tenant, user, name, roles } = who;
    const answer = await reach("/dev/token", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ tenant, user, name, roles, expiresInSeconds: tokenSeconds }),
    });
    if (answer.status === 404) return null;
    if (!answer.ok) throw await Problem.from(answer);
    const { token } = (await answer.json()) as { token: string };
    if (who !== this.#who) return this.token();
    this.#token = token;
    this.#goodUntil = Date.now() + tokenSeconds * 1_000 - spareMs;
    return token;
  }

  #become(who: SignedIn | null): void {
    this.#who = who;
    this.#token = null;
    this.#goodUntil = 0;
    if (who) sessionStorage.setItem(storageKey, JSON.stringify(who));
    else sessionStorage.clear();
    for (const tell of this.#listeners) tell();
  }
}

function read(): SignedIn | null {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? "null") as SignedIn | null;
  } catch {
    return null; // Not what this version wrote: sign in again.
  }
}

export const session = new Session();
