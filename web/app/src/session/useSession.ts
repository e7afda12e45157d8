import { createContext, useContext, useSyncExternalStore } from "react";
import { session, type SignedIn } from "./session";

/** Who is signed in in this window, or null. */
export function useSession(): SignedIn | null {
  return useSyncExternalStore(session.subscribe, () => session.who);
}

export const MeContext = createContext<SignedIn | null>(null);

/** Who is signed in, on pages that nobody else sees. */
export function useMe(): SignedIn {
  const me = useContext(MeContext);
  if (!me) throw new Error("This component is for people who are signed in.");
  return me;
}
