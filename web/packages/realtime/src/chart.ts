import type { RealtimeError } from "./errors.js";
import type { EditEnded } from "./events.js";
import type { PresenceSnapshot } from "./presence.js";

/** Who has a section's edit. */
export interface EditHolder {
  readonly user: string;
  readonly name: string;
  readonly since: string;
}

/** The answer of `BeginEdit` and `TakeOverEdit`. */
export interface EditAnswer {
  readonly granted: boolean;
  /** What a write to the section presents as `X-Edit-Lease`; null when it was not granted. */
  readonly lease: string | null;
  readonly heldBy: EditHolder | null;
}

/** One section's edit as this client has it. */
export type EditState =
  | { readonly status: "held"; readonly lease: string }
  /** It was held and is not any more: what is unsaved can't be written without asking again. `heldBy` is who has it now, when that is known. */
  | { readonly status: "lost"; readonly reason: EditEnded["reason"]; readonly by: string | null; readonly heldBy: EditHolder | null };

/** - `opening`: asked for, or waiting for a connection. - `open`: on record. - `refused`: the server says no; `reopen` asks again, with a reason. */
export interface ChartState {
  readonly status: "opening" | "open" | "refused";
  readonly error: RealtimeError | null;
  /** The sections that this client holds or has lost; a section that was ended is in none. */
  readonly edits: ReadonlyMap<string, EditState>;
}

export interface ChartOptions {
  /**
   * Why it is opened, at most 500 characters; goes to the access log. A restricted patient's chart asks for it (break the glass): 3 characters or more, good for
   * 30 minutes. It counts for one opening: after a lost connection the chart is opened again without it.
   */
  readonly reason?: string | undefined;
}

/** A patient's chart that is open on this page. Opened again by itself after a reconnect, with the edits that can be kept. */
export interface ChartSession {
  readonly patientId: string;
  readonly state: ChartState;
  /** Who has the chart open, this user too. */
  readonly viewers: PresenceSnapshot;
  /** Resolves when the chart is on record as open, rejects when it is refused. */
  readonly opened: Promise<void>;
  /** Asks again after a refusal, with another reason. */
  reopen(reason: string): Promise<void>;
  /** Asks for a section. A refusal that names the holder is an answer and not an error. The edit is renewed until it is ended. */
  beginEdit(section: string): Promise<EditAnswer>;
  /** Takes a section from whoever holds it. */
  takeOverEdit(section: string): Promise<EditAnswer>;
  endEdit(section: string): Promise<void>;
  /** Closes this session; the page's last one for the patient closes the chart, which ends its edits. */
  close(): void;
}

export interface ChartListener {
  /** State or viewers changed: read them anew. */
  onChange?(): void;
  /** An edit that was held is lost. */
  onEditLost?(section: string, edit: Extract<EditState, { status: "lost" }>): void;
}
