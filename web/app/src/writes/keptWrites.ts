import { dehydrate, hydrate, type DehydratedState, type QueryClient } from "@tanstack/react-query";
import { writeKey } from "./writes";

const storageKey = "clinic.waiting-writes";

/** Keeps what waits over a reload of the window, and until the user signs out. A window that is closed takes it along: the browser asks first. */
export function keepWrites(queries: QueryClient): () => void {
  const kept = sessionStorage.getItem(storageKey);
  if (kept) {
    hydrate(queries, JSON.parse(kept) as DehydratedState);
    void queries.resumePausedMutations();
  }
  const warn = (event: BeforeUnloadEvent) => event.preventDefault();
  const unsubscribe = queries.getMutationCache().subscribe(() => {
    const state = dehydrate(queries, {
      shouldDehydrateQuery: () => false,
      shouldDehydrateMutation: ({ state, options }) => state.status === "pending" && options.mutationKey?.[0] === writeKey[0],
    });
    if (state.mutations.length === 0) {
      sessionStorage.removeItem(storageKey);
      window.removeEventListener("beforeunload", warn);
      return;
    }
    window.addEventListener("beforeunload", warn);
    sessionStorage.setItem(storageKey, JSON.stringify({ ...state, mutations: state.mutations.map((one) => ({ ...one, state: { ...one.state, isPaused: true } })) }));
  });
  return () => {
    unsubscribe();
    window.removeEventListener("beforeunload", warn);
  };
}
