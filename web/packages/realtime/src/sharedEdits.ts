import type { EditAnswer, EditHolder } from "./chart.js";
import { RealtimeError } from "./errors.js";
import type { SharedTab } from "./sharedTab.js";

type Invoke = (method: string) => Promise<unknown>;

/**
 * Which page holds which edit. The server knows one connection, which may renew its own edit: between the pages that share it, the worker says no as the
 * server would.
 */
export class SharedEdits {
  readonly #held = new Map<string, { tab: SharedTab; patientId: string; section: string; holder: EditHolder | null }>();
  /** Calls for one section take turns. */
  readonly #turns = new Map<string, Promise<unknown>>();

  /** What a page asks of a section. A page that closed the chart, or went, before it had its answer holds nothing: what was granted is given back. */
  call(tab: SharedTab, method: string, patientId: string, section: string, invoke: Invoke): Promise<unknown> {
    const key = JSON.stringify([patientId, section]);
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(() => this.#one(tab, method, key, patientId, section, invoke));
    const settled = turn.catch(() => undefined).then(() => {
      if (this.#turns.get(key) === settled) this.#turns.delete(key);
    });
    this.#turns.set(key, settled);
    return turn;
  }

  /** The server said that an edit of this user ended: the page that held it asks, and so may any other. */
  ended(patientId: string, section: string): void {
    this.#held.delete(JSON.stringify([patientId, section]));
  }

  /** The sections of a chart, or of all, that a page holds; they are its no more. */
  release(tab: SharedTab, patientId?: string): { patientId: string; section: string }[] {
    const released = [...this.#held].filter(([, edit]) => edit.tab === tab && (patientId === undefined || edit.patientId === patientId));
    for (const [key] of released) this.#held.delete(key);
    return released.map(([, edit]) => edit);
  }

  clear(): void {
    this.#held.clear();
  }

  async #one(tab: SharedTab, method: string, key: string, patientId: string, section: string, invoke: Invoke): Promise<unknown> {
    const held = this.#held.get(key);
    const ofOther = held !== undefined && held.tab !== tab;
    if (method === "EndEdit") {
      if (ofOther) return null;
      this.#held.delete(key);
      return invoke("EndEdit");
    }
    const closed = () => new RealtimeError("stopped", "the chart was closed");
    if (!tab.charts.has(patientId)) throw closed();
    if (ofOther && method === "BeginEdit") return { granted: false, lease: null, heldBy: held.holder } satisfies EditAnswer;
    if (ofOther) {
      // To the server it is one connection, which would get the same lease again: ending it first makes the former page's worthless.
      await invoke("EndEdit");
      this.#held.delete(key);
    }
    const answer = (await invoke(ofOther ? "BeginEdit" : method)) as EditAnswer;
    if (answer.granted && !tab.charts.has(patientId)) {
      this.#held.delete(key);
      await invoke("EndEdit");
      throw closed();
    }
    if (answer.granted) this.#held.set(key, { tab, patientId, section, holder: answer.heldBy });
    else this.#held.delete(key);
    return answer;
  }
}
