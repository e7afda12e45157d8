import { matchQuery, type Query, type QueryClient, type QueryKey } from "@tanstack/react-query";
import type { ClinicEvent } from "@clinic/realtime";

type Patch = (queries: QueryClient, event: ClinicEvent) => void;

/** Events that are remembered for loads under way; beyond it the queries are loaded once more. */
const mostRemembered = 1_000;

/**
 * Patches queries from events although loads are under way: an answer may be of before an event, and would undo its patch. So the patches of the meantime are
 * done again on top of the answer, and a first load that began before the topic was live is made once more.
 */
export class QueryPatches {
  readonly #queries: QueryClient;
  readonly #keys: () => readonly QueryKey[];
  readonly #meantime: { event: ClinicEvent; patch: Patch }[] = [];
  readonly #loadAgain = new Set<string>();
  #tooMany = false;

  constructor(queries: QueryClient, keys: () => readonly QueryKey[]) {
    this.#queries = queries;
    this.#keys = keys;
  }

  watch(): () => void {
    return this.#queries.getQueryCache().subscribe((change) => {
      if (change.type !== "updated" || !this.#covers(change.query)) return;
      const { action } = change;
      if (action.type === "success" && action.manual !== true) this.#loaded(change.query);
      else if (action.type === "error") this.#settled();
    });
  }

  apply(event: ClinicEvent, patch: Patch): void {
    if (this.#loading()) {
      if (this.#meantime.length < mostRemembered) this.#meantime.push({ event, patch });
      else this.#tooMany = true;
    }
    patch(this.#queries, event);
  }

  /** Everything under the keys may miss something. */
  invalidate(): void {
    for (const queryKey of this.#keys()) {
      // TanStack goes on with a first load that is under way, and leaves alone what waits for nothing.
      for (const query of this.#queries.getQueryCache().findAll({ queryKey, fetchStatus: "fetching" })) {
        if (query.state.data === undefined) this.#loadAgain.add(query.queryHash);
      }
      void this.#queries.invalidateQueries({ queryKey });
    }
  }

  #loaded(query: Query): void {
    for (const { event, patch } of this.#meantime) patch(this.#queries, event);
    if (this.#loadAgain.delete(query.queryHash)) void this.#queries.invalidateQueries({ queryKey: query.queryKey, exact: true });
    this.#settled();
  }

  #settled(): void {
    if (this.#loading()) return;
    this.#meantime.length = 0;
    if (!this.#tooMany) return;
    this.#tooMany = false;
    this.invalidate();
  }

  #loading(): boolean {
    return this.#keys().some((queryKey) => this.#queries.isFetching({ queryKey }) > 0);
  }

  #covers(query: Query): boolean {
    return this.#keys().some((queryKey) => matchQuery({ queryKey }, query));
  }
}
