/** Who a token speaks for. Read, not verified: the server decides what it is worth. */
export interface Identity {
  readonly tenant: string;
  readonly user: string;
  readonly name: string;
  readonly roles: readonly string[];
}

interface Claims {
  readonly sub?: unknown;
  readonly tenant?: unknown;
  readonly name?: unknown;
  readonly roles?: unknown;
  readonly exp?: unknown;
  readonly iat?: unknown;
}

function claimsOf(token: string): Claims | null {
  const part = token.split(".")[1];
  if (!part) return null;
  try {
    const bytes = Uint8Array.from(atob(part.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === "object" && claims !== null ? claims : null;
  } catch {
    return null; // Not a JWT: the server says what it thinks of it.
  }
}

/** Null when the token is no JWT or does not say. */
export function identityOf(token: string): Identity | null {
  const claims = claimsOf(token);
  if (typeof claims?.sub !== "string" || typeof claims.tenant !== "string") return null;
  const { sub: user, tenant, name, roles } = claims;
  return {
    tenant,
    user,
    name: typeof name === "string" ? name : user,
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : typeof roles === "string" ? [roles] : [],
  };
}

/**
 * How long a token that the server just took is good for; null when it does not say. A clock that is behind would believe it for too long, so its own length counts too;
 * to one that is ahead it has ended already, and only its length is left to go by.
 */
export function lifetimeMs(token: string, now: number): number | null {
  const claims = claimsOf(token);
  if (typeof claims?.exp !== "number") return null;
  const left = claims.exp * 1000 - now;
  const length = typeof claims.iat === "number" ? (claims.exp - claims.iat) * 1000 : left;
  return left > 0 ? Math.min(left, length) : length;
}

/** When to renew a token with this much life left: a fifth before its end, at most five minutes before, and never less than two seconds. */
export function renewInMs(lifetime: number): number {
  return Math.max(0, lifetime - Math.min(300_000, Math.max(2_000, lifetime / 5)));
}

/** Whether two tokens are of the same user in the same clinic with the same roles, and may share a connection. */
export function identityKey({ tenant, user, roles }: Identity): string {
  return JSON.stringify([tenant, user, [...roles].sort()]);
}
