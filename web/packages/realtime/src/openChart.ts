import { pauseMs } from "./backoff.js";
import type { ChartListener, ChartState, EditAnswer, EditState } from "./chart.js";
import { RealtimeError } from "./errors.js";
import type { ClinicEvent, EditEnded } from "./events.js";

export interface OpenChartOptions {
  /** Waits for a connection, but does not repeat what was under way when one ended. */
  readonly call: (method: string, args: readonly unknown[]) => Promise<unknown>;
  readonly user: () => string | null;
  readonly report: (error: unknown) => void;
  /** The chart is on record as open: what was refused without that may be asked again. */
  readonly onOpened: () => void;
}

/** An edit ends an hour after the last `BeginEdit`. */
const renewMs = 15 * 60_000;
const repeats = { baseMs: 1_000, maxMs: 15_000 };
const noEdits: ReadonlyMap<string, EditState> = new Map();

/** One patient's chart on one connection after the other: opened, its edits renewed, and lost edits told. */
export class OpenChart {
  readonly patientId: string;
  readonly #options: OpenChartOptions;
  readonly #listeners = new Set<ChartListener>();
  #reason: string | null;
  #state: ChartState = Object.freeze({ status: "opening", error: null, edits: noEdits });
  #connected = false;
  #closed = false;
  #attempt: object | null = null;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #renewal: ReturnType<typeof setInterval> | undefined;
  #waiting: { resolve: () => void; reject: (error: RealtimeError) => void }[] = [];

  constructor(patientId: string, reason: string | null, options: OpenChartOptions) {
    this.patientId = patientId;
    this.#reason = reason;
    this.#options = options;
  }

  get state(): ChartState {
    return this.#state;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  add(listener: ChartListener): void {
    this.#listeners.add(listener);
  }

  remove(listener: ChartListener): void {
    this.#listeners.delete(listener);
  }

  opened(): Promise<void> {
    if (this.#state.status === "open") return Promise.resolve();
    if (this.#state.status === "refused" && this.#state.error) return Promise.reject(this.#state.error);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  reopen(reason: string | null): Promise<void> {
    if (reason !== null) this.#reason = reason;
    if (this.#state.status === "refused") {
      this.#become({ status: "opening", error: null });
      if (this.#connected) void this.#open();
    }
    return this.opened();
  }

  /** A restricted chart was taken away: it needs a reason from now on, a new one. */
  revoke(): void {
    this.#attempt = null;
    clearTimeout(this.#retry);
    for (const [section, edit] of this.#state.edits) if (edit.status === "held") this.#lose(section, "expired", null, null);
    const error = new RealtimeError("forbidden", "the chart is restricted; open it with a reason", { causeCode: "reason_required" });
    this.#become({ status: "refused", error });
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  up(sameIdentity: boolean): void {
    this.#connected = true;
    if (!sameIdentity) for (const [section, edit] of this.#state.edits) if (edit.status === "held") this.#lose(section, "connection_lost", null, null);
    void this.#open();
  }

  down(): void {
    this.#connected = false;
    this.#attempt = null;
    clearTimeout(this.#retry);
    if (this.#state.status !== "opening") this.#become({ status: "opening", error: null });
  }

  /** Nobody looks any more. Answers whether the server has to be told. */
  close(): boolean {
    this.#closed = true;
    const tell = this.#connected && this.#state.status !== "refused";
    this.#attempt = null;
    clearTimeout(this.#retry);
    clearInterval(this.#renewal);
    this.#listeners.clear();
    const error = new RealtimeError("stopped", "the chart was closed");
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    return tell;
  }

  async edit(method: "BeginEdit" | "TakeOverEdit", section: string): Promise<EditAnswer> {
    const answer = (await this.#options.call(method, [this.patientId, section])) as EditAnswer;
    if (!this.#closed && answer.granted && answer.lease !== null) this.#hold(section, answer.lease);
    return answer;
  }

  async endEdit(section: string): Promise<void> {
    this.#setEdit(section, null);
    await this.#options.call("EndEdit", [this.patientId, section]);
  }

  event(event: ClinicEvent): void {
    if (event.type !== "edit:ended" || event.data.user !== this.#options.user()) return;
    const { section, reason, by } = event.data;
    // It may be of before this edit began: the section's own answer tells. One that this page did not end itself was taken over by another of the user's.
    if (this.#state.edits.get(section)?.status === "held") void this.#check(section, reason === "ended" ? "taken_over" : reason, by);
  }

  async #open(): Promise<void> {
    clearTimeout(this.#retry);
    const attempt = (this.#attempt = {});
    try {
      await this.#options.call("OpenChart", [this.patientId, this.#reason]);
      if (this.#attempt !== attempt) return;
      this.#failures = 0;
      // A reason is a person's word for one opening: what the client opens again by itself must not break a restricted chart's glass.
      this.#reason = null;
      this.#become({ status: "open", error: null });
      for (const { resolve } of this.#waiting.splice(0)) resolve();
      this.#options.onOpened();
      for (const [section, edit] of this.#state.edits) if (edit.status === "held") void this.#check(section, "connection_lost", null);
    } catch (thrown) {
      if (this.#attempt !== attempt) return;
      const error = RealtimeError.from(thrown);
      if (error.transient) {
        this.#retry = setTimeout(() => void this.#open(), 250 + pauseMs(this.#failures++, repeats));
        return;
      }
      this.#reason = null;
      this.#become({ status: "refused", error });
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    }
  }

  /**
   * Whether the edit is still the one that was granted. The same lease: it never ended. Another one: it did, and somebody may have written meanwhile, so
   * that it is given back rather than used for what was typed before.
   */
  async #check(section: string, reason: EditEnded["reason"], by: string | null): Promise<void> {
    const held = this.#state.edits.get(section);
    if (held?.status !== "held") return;
    try {
      const answer = (await this.#options.call("BeginEdit", [this.patientId, section])) as EditAnswer;
      if (this.#closed || this.#state.edits.get(section) !== held) return;
      if (answer.granted && answer.lease === held.lease) return;
      this.#lose(section, reason, by, answer.granted ? null : answer.heldBy);
      if (answer.granted) await this.#options.call("EndEdit", [this.patientId, section]);
    } catch (thrown) {
      const error = RealtimeError.from(thrown);
      // The next connection, or the next renewal, asks again; a write with a lost lease is refused whatever is shown.
      if (!error.transient && error.code !== "stopped" && this.#state.edits.get(section) === held) this.#lose(section, reason, by, null);
    }
  }

  #hold(section: string, lease: string): void {
    this.#setEdit(section, Object.freeze({ status: "held", lease }));
    this.#renewal ??= setInterval(() => {
      if (!this.#connected) return;
      for (const [name, edit] of this.#state.edits) if (edit.status === "held") void this.#check(name, "expired", null);
    }, renewMs);
  }

  #lose(section: string, reason: EditEnded["reason"], by: string | null, heldBy: EditAnswer["heldBy"]): void {
    const lost = Object.freeze({ status: "lost" as const, reason, by, heldBy });
    this.#setEdit(section, lost);
    this.#tell((listener) => listener.onEditLost?.(section, lost));
  }

  #setEdit(section: string, edit: EditState | null): void {
    const edits = new Map(this.#state.edits);
    if (edit) edits.set(section, edit);
    else if (!edits.delete(section)) return;
    if (![...edits.values()].some(({ status }) => status === "held")) {
      clearInterval(this.#renewal);
      this.#renewal = undefined;
    }
    this.#become({ edits });
  }

  #become(change: Partial<ChartState>): void {
    this.#state = Object.freeze({ ...this.#state, ...change });
    this.#tell((listener) => listener.onChange?.());
  }

  #tell(one: (listener: ChartListener) => void): void {
    for (const listener of [...this.#listeners]) {
      try {
        one(listener);
      } catch (error) {
        this.#options.report(error);
      }
    }
  }
}
