import { pauseMs } from "./backoff.js";
import type { ChartListener, ChartState, EditAnswer, EditState } from "./chart.js";
import { RealtimeError } from "./errors.js";
import type { ClinicEvent, EditEnded } from "./events.js";

export interface OpenChartOptions {
  /** Waits for a connection, but does not repeat what was under way when one ended, and sends nothing that is not wanted any more when there is one. */
  readonly call: (method: string, args: readonly unknown[], wanted: () => boolean) => Promise<unknown>;
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
  /** Each session of the chart hears the topic, and tells. */
  #lastHeard: ClinicEvent | null = null;
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
    // An open chart needs none, and a reason that is kept would break the glass later.
    if (reason !== null && this.#state.status !== "open") this.#reason = reason;
    if (this.#state.status === "refused") {
      this.#become({ status: "opening", error: null });
      if (this.#connected) void this.#open("ended");
    }
    return this.opened();
  }

  /** A restricted chart was taken away: it needs a reason from now on, a new one. */
  revoke(): void {
    this.#attempt = null;
    clearTimeout(this.#retry);
    this.#refuse(new RealtimeError("forbidden", "the chart is restricted; open it with a reason", { causeCode: "reason_required" }), "expired");
  }

  /** Nobody is signed in: a reason was that person's word. */
  signedOut(): void {
    this.#reason = null;
  }

  /** Something of the topic was missed: whether the chart is open and the edits are held is asked again. */
  recheck(): void {
    if (this.#connected && this.#state.status === "open" && this.#attempt === null) void this.#open("ended");
  }

  up(sameIdentity: boolean): void {
    this.#connected = true;
    if (!sameIdentity) {
      this.#reason = null;
      this.#loseAll("connection_lost");
    }
    void this.#open("connection_lost");
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
    const answer = (await this.#options.call(method, [this.patientId, section], this.#wanted)) as EditAnswer;
    if (!this.#closed && answer.granted && answer.lease !== null) this.#hold(section, answer.lease);
    return answer;
  }

  async endEdit(section: string): Promise<void> {
    this.#setEdit(section, null);
    await this.#options.call("EndEdit", [this.patientId, section], () => true);
  }

  event(event: ClinicEvent): void {
    if (event.type !== "edit:ended" || event === this.#lastHeard || event.data.user !== this.#options.user()) return;
    this.#lastHeard = event;
    const { section, reason, by } = event.data;
    // It may be of before this edit began: the section's own answer tells. One that this page did not end itself was taken over by another of the user's.
    if (this.#state.edits.get(section)?.status === "held") void this.#check(section, reason === "ended" ? "taken_over" : reason, by);
  }

  /** `missed` is what became of an edit that is not held any more. */
  async #open(missed: EditEnded["reason"]): Promise<void> {
    clearTimeout(this.#retry);
    const attempt = (this.#attempt = {});
    try {
      await this.#options.call("OpenChart", [this.patientId, this.#reason], this.#wanted);
      if (this.#attempt !== attempt) return;
      this.#attempt = null;
      this.#failures = 0;
      // A reason is a person's word for one opening: what the client opens again by itself must not break a restricted chart's glass.
      this.#reason = null;
      if (this.#state.status !== "open") this.#become({ status: "open", error: null });
      for (const { resolve } of this.#waiting.splice(0)) resolve();
      this.#options.onOpened();
      for (const [section, edit] of this.#state.edits) if (edit.status === "held") void this.#check(section, missed, null);
    } catch (thrown) {
      if (this.#attempt !== attempt) return;
      const error = RealtimeError.from(thrown);
      if (error.transient) {
        this.#retry = setTimeout(() => void this.#open(missed), 250 + pauseMs(this.#failures++, repeats));
        return;
      }
      this.#attempt = null;
      this.#refuse(error, missed);
    }
  }

  /** Without the chart there are no edits, and a reason was good for this opening. */
  #refuse(error: RealtimeError, missed: EditEnded["reason"]): void {
    this.#reason = null;
    this.#loseAll(missed);
    this.#become({ status: "refused", error });
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  readonly #wanted = (): boolean => !this.#closed;

  /**
   * Whether the edit is still the one that was granted. The same lease: it never ended. Another one: it did, and somebody may have written meanwhile, so
   * that it is given back rather than used for what was typed before.
   */
  async #check(section: string, reason: EditEnded["reason"], by: string | null): Promise<void> {
    const held = this.#state.edits.get(section);
    if (held?.status !== "held") return;
    try {
      const answer = (await this.#options.call("BeginEdit", [this.patientId, section], this.#wanted)) as EditAnswer;
      if (this.#closed || this.#state.edits.get(section) !== held) return;
      if (answer.granted && answer.lease === held.lease) return;
      // Whoever has it after something was missed took it, whichever way.
      const taker = reason === "ended" && !answer.granted ? answer.heldBy?.user : undefined;
      this.#lose(section, taker === undefined ? reason : "taken_over", taker ?? by, answer.granted ? null : answer.heldBy);
      if (answer.granted) await this.#options.call("EndEdit", [this.patientId, section], this.#wanted);
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

  #loseAll(reason: EditEnded["reason"]): void {
    for (const [section, edit] of this.#state.edits) if (edit.status === "held") this.#lose(section, reason, null, null);
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
