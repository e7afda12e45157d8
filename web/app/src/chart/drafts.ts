import { createContext, useCallback, useContext, useState } from "react";
import type { Section } from "./records";

type Drafts = Readonly<Partial<Record<Section, unknown>>>;

interface DraftStore {
  readonly drafts: Drafts;
  readonly put: (section: Section, draft: unknown) => void;
}

export const DraftsContext = createContext<DraftStore>({ drafts: {}, put: () => undefined });

/** What was typed on a patient's page, section by section: it outlives a lost edit and a chart that was closed by the server. In memory alone. */
export function useDrafts(): DraftStore & { any: boolean } {
  const [drafts, setDrafts] = useState<Drafts>({});
  const put = useCallback((section: Section, draft: unknown) => setDrafts((all) => ({ ...all, [section]: draft })), []);
  return { drafts, put, any: Object.values(drafts).some((draft) => draft !== undefined) };
}

/** A section's draft; undefined while nothing is edited. */
export function useDraft<T>(section: Section): readonly [T | undefined, (draft: T | undefined) => void] {
  const { drafts, put } = useContext(DraftsContext);
  return [drafts[section] as T | undefined, useCallback((draft) => put(section, draft), [put, section])];
}
