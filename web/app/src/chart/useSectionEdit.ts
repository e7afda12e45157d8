import type { EditAnswer, EditHolder, EditState, PresenceEntry } from "@clinic/realtime";
import type { PatientViewing } from "@clinic/realtime-react";
import { useState } from "react";
import { explain } from "../server/problem";
import type { Section } from "./records";

/** What has to be decided before one edits. */
export type Question =
  /** Others have the chart open. */
  | { readonly kind: "others"; readonly others: readonly PresenceEntry[] }
  /** Somebody holds the section. */
  | { readonly kind: "held"; readonly by: Pick<EditHolder, "user" | "name"> & { readonly since?: string } };

export interface SectionEdit {
  readonly lease: string | null;
  readonly lost: Extract<EditState, { status: "lost" }> | null;
  /** Which of the others edits it now. */
  readonly editor: PresenceEntry | undefined;
  readonly question: Question | null;
  readonly problem: string | null;
  readonly busy: boolean;
  /** Asks to edit; with others on the chart after a warning. */
  readonly start: () => void;
  /** Asks to edit whoever is here. */
  readonly begin: () => void;
  readonly takeOver: () => void;
  readonly askTakeOver: (by: Pick<EditHolder, "user" | "name">) => void;
  readonly dismiss: () => void;
  readonly end: () => Promise<void>;
}

/** One section's edit: from wanting it to having ended it. */
export function useSectionEdit(viewing: PatientViewing, section: Section): SectionEdit {
  const [question, setQuestion] = useState<Question | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const edit = viewing.edits.get(section);

  const get = async (ask: (section: string) => Promise<EditAnswer>) => {
    setBusy(true);
    setProblem(null);
    try {
      const { granted, heldBy } = await ask(section);
      setQuestion(!granted && heldBy ? { kind: "held", by: heldBy } : null);
    } catch (error) {
      setQuestion(null);
      setProblem(explain(error));
    } finally {
      setBusy(false);
    }
  };

  return {
    lease: edit?.status === "held" ? edit.lease : null,
    lost: edit?.status === "lost" ? edit : null,
    editor: viewing.editorOf(section),
    question,
    problem,
    busy,
    start: () => {
      if (viewing.others.length > 0) setQuestion({ kind: "others", others: viewing.others });
      else void get(viewing.beginEdit);
    },
    begin: () => void get(viewing.beginEdit),
    takeOver: () => void get(viewing.takeOverEdit),
    askTakeOver: (by) => setQuestion({ kind: "held", by }),
    dismiss: () => setQuestion(null),
    end: async () => {
      setProblem(null);
      try {
        await viewing.endEdit(section);
      } catch {
        // Without a connection it ends by itself.
      }
    },
  };
}
