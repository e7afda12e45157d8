import { useEffect, useMemo, useSyncExternalStore } from "react";
import { RealtimeError, unknownPresence, type ChartSession, type ChartState, type EditAnswer, type EditState, type PresenceEntry, type RealtimeClient } from "@clinic/realtime";
import { useRealtime } from "./context.js";
import { useLatest } from "./useLatest.js";

export interface PatientViewingOptions {
  /** Why the chart is opened; required for a restricted patient (break the glass). Another reason after a refusal asks again. */
  readonly reason?: string | undefined;
  /** False while the chart is not to be opened. */
  readonly enabled?: boolean | undefined;
  /** An edit that was held is lost: what is unsaved can't be written without asking again. */
  readonly onEditLost?: (section: string, edit: Extract<EditState, { status: "lost" }>) => void;
}

export interface PatientViewing extends ChartState {
  /** Whether `viewers` are of now, or the last known. */
  readonly live: boolean;
  /** Who has the chart open, this user too. */
  readonly viewers: readonly PresenceEntry[];
  readonly others: readonly PresenceEntry[];
  /** Which of the others holds a section, if one does. */
  readonly editorOf: (section: string) => PresenceEntry | undefined;
  /** Asks for a section; a refusal that names the holder is an answer. Write with the answer's `lease` as `X-Edit-Lease`. */
  readonly beginEdit: (section: string) => Promise<EditAnswer>;
  readonly takeOverEdit: (section: string) => Promise<EditAnswer>;
  readonly endEdit: (section: string) => Promise<void>;
  /** Asks again after a refusal, with another reason. */
  readonly reopen: (reason: string) => Promise<void>;
}

interface View {
  readonly state: ChartState;
  readonly viewers: ChartSession["viewers"];
}

const closedView: View = Object.freeze({
  state: Object.freeze({ status: "opening", error: null, edits: new Map<string, EditState>() }),
  viewers: unknownPresence,
});

/** Open while somebody subscribes; see `TopicStore`. */
class ChartStore {
  #session: ChartSession | null = null;
  #view: View = closedView;
  #tried: string | undefined;

  constructor(
    readonly client: RealtimeClient,
    readonly patientId: string,
    readonly options: () => PatientViewingOptions,
  ) {}

  readonly subscribe = (changed: () => void): (() => void) => {
    const { reason } = this.options();
    this.#tried = reason;
    const session = this.client.openChart(this.patientId, { reason }, {
      onChange: changed,
      onEditLost: (section, edit) => this.options().onEditLost?.(section, edit),
    });
    this.#session = session;
    return () => {
      session.close();
      if (this.#session !== session) return;
      this.#session = null;
      this.#view = closedView;
    };
  };

  readonly view = (): View => {
    const session = this.#session;
    if (!session) return this.#view;
    const { state, viewers } = session;
    if (this.#view.state !== state || this.#view.viewers !== viewers) this.#view = { state, viewers };
    return this.#view;
  };

  /** Asks again, with a reason that was not tried yet. */
  retry(reason: string | undefined): void {
    const session = this.#session;
    if (!session || reason === undefined || reason === this.#tried || session.state.status !== "refused") return;
    this.#tried = reason;
    // What comes of it is in the session's state.
    session.reopen(reason).catch(() => undefined);
  }

  async ask<T>(one: (session: ChartSession) => Promise<T>): Promise<T> {
    if (!this.#session) throw new RealtimeError("stopped", "the chart is not open");
    return one(this.#session);
  }
}

const nothing = () => () => undefined;
const unknown = () => closedView;

/** Opens a patient's chart while mounted: shows this user to the others and the others to this user, and holds edits. */
export function usePatientViewing(patientId: string | null, options: PatientViewingOptions = {}): PatientViewing {
  const client = useRealtime();
  const latest = useLatest(options);
  const opened = patientId === null || options.enabled === false ? null : patientId;
  const store = useMemo(() => (opened === null ? null : new ChartStore(client, opened, () => latest.current)), [client, opened, latest]);
  const { state, viewers } = useSyncExternalStore(store?.subscribe ?? nothing, store?.view ?? unknown, unknown);
  useEffect(() => store?.retry(options.reason), [store, options.reason]);
  const user = client.identity?.user;

  const actions = useMemo(() => {
    const ask = <T,>(one: (session: ChartSession) => Promise<T>): Promise<T> =>
      store ? store.ask(one) : Promise.reject(new RealtimeError("stopped", "no chart is open"));
    return {
      beginEdit: (section: string) => ask((session) => session.beginEdit(section)),
      takeOverEdit: (section: string) => ask((session) => session.takeOverEdit(section)),
      endEdit: (section: string) => ask((session) => session.endEdit(section)),
      reopen: (reason: string) => ask((session) => session.reopen(reason)),
    };
  }, [store]);

  return useMemo(() => {
    const others = viewers.entries.filter((entry) => entry.user !== user);
    return {
      ...state,
      ...actions,
      live: viewers.live,
      viewers: viewers.entries,
      others,
      editorOf: (section: string) => others.find((entry) => entry.editing?.includes(section)),
    };
  }, [state, viewers, user, actions]);
}
