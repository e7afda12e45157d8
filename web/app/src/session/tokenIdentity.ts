import type { SignedIn } from "./session";

/** Who a token speaks for, as far as the page needs to know; the server decides what it is worth. */
export function signedInBy(token: string): SignedIn | null {
  try {
    const part = token.trim().split(".")[1] ?? "";
    const bytes = Uint8Array.from(atob(part.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const { sub: user, tenant, name, roles } = claims;
    if (typeof user !== "string" || typeof tenant !== "string") return null;
    const list = Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : typeof roles === "string" ? [roles] : [];
    return { tenant, clinic: tenant, user, name: typeof name === "string" ? name : user, roles: list, token: token.trim() };
  } catch {
    return null; // No JWT.
  }
}
