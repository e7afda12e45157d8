import type { PatientViewing } from "@clinic/realtime-react";
import { Alert, Button, Card, Group, Text } from "@mantine/core";
import { Pencil } from "lucide-react";
import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { flushSync } from "react-dom";
import { Face } from "../people/Face";
import { useOnline, useWrite, type NewWrite } from "../writes/useWrite";
import { AskedBanner } from "./AskedBanner";
import classes from "./Chart.module.css";
import { useDraft } from "./drafts";
import { EditQuestion } from "./EditQuestion";
import { LostBanner } from "./LostBanner";
import { sectionInWords, sectionNames, type Section } from "./records";
import { explainRefusal } from "./refusals";
import type { Asks } from "./useAsks";
import { useSectionEdit } from "./useSectionEdit";

/** What every section of a chart is given. */
export interface SectionProps {
  readonly patientId: string;
  /** The patient's. */
  readonly name: string;
  readonly viewing: PatientViewing;
  readonly asks: Asks;
}

export interface SectionCardProps<D> extends SectionProps {
  readonly section: Section;
  /** The word on the button that begins an edit. */
  readonly action: string;
  /** A draft as an edit begins with it. */
  readonly initial: D;
  /** What the section says now. */
  readonly children: ReactNode;
  readonly form: (draft: D, change: (draft: D) => void) => ReactNode;
  /** What saving a draft sends; null while there is nothing that could be saved. */
  readonly toWrite: (draft: D) => Pick<NewWrite, "method" | "body" | "kind" | "label"> | null;
}

/** A section: what it says, who edits it, and the form while this user does. What was typed stays until it is saved or thrown away. */
export function SectionCard<D>({ section, patientId, viewing, asks, action, initial, children, form, toWrite }: SectionCardProps<D>) {
  const edit = useSectionEdit(viewing, section);
  const [draft, setDraft] = useDraft<D>(section);
  const [saving, setSaving] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const send = useWrite();
  const online = useOnline();
  const titleId = useId();
  const startButton = useRef<HTMLButtonElement>(null);
  const words = sectionInWords(section);
  const ready = draft === undefined ? null : toWrite(draft);

  useEffect(() => {
    if (edit.lease && draft === undefined) setDraft(initial);
  });

  const finish = () => {
    // Together, so that the end of the edit is not taken for its loss.
    flushSync(() => {
      void edit.end();
      setDraft(undefined);
      setRefused(null);
      asks.forget(section);
    });
    startButton.current?.focus();
  };

  const save = async (): Promise<boolean> => {
    if (!ready || !edit.lease) return false;
    setSaving(true);
    setRefused(null);
    try {
      await send({ ...ready, path: `/api/patients/${encodeURIComponent(patientId)}/${section}`, subject: `${patientId}/${section}`, headers: { "X-Edit-Lease": edit.lease } });
      return true;
    } catch (error) {
      setRefused(explainRefusal(error));
      return false;
    } finally {
      setSaving(false);
    }
  };

  const handOver = async () => {
    await edit.end();
    asks.answer(section, true);
    if (!ready) setDraft(undefined);
  };

  return (
    <Card withBorder component="section" padding="md" aria-labelledby={titleId} data-section={section} data-edit={edit.lease ? "held" : edit.editor ? "other" : "free"}>
      <div className={classes.head}>
        <Text component="h2" fw={600} id={titleId}>{sectionNames[section]}</Text>
        {draft !== undefined ? null : edit.editor ? (
          <Group gap="xs">
            <Group gap={6} wrap="nowrap">
              <Face user={edit.editor.user} name={edit.editor.name} size={24} />
              <Text size="sm">{edit.editor.name} edits</Text>
            </Group>
            {asks.asked(section) ? (
              <Text size="sm" c="dimmed" role="status">You asked for it</Text>
            ) : (
              <Button size="xs" variant="default" aria-label={`Ask for ${words}`} onClick={() => asks.ask(section, edit.editor!.user)}>Ask</Button>
            )}
            <Button size="xs" variant="default" aria-label={`Take over ${words}`} onClick={() => edit.askTakeOver(edit.editor!)}>Take over…</Button>
          </Group>
        ) : (
          <Button
            ref={startButton}
            size="xs"
            variant="default"
            leftSection={<Pencil aria-hidden size={14} />}
            aria-label={`${action} ${action === "Add" ? "to " : ""}${words}`}
            loading={edit.busy && !edit.question}
            disabled={viewing.status !== "open"}
            onClick={edit.start}
          >
            {action}
          </Button>
        )}
      </div>
      {edit.problem && <Alert role="alert" color="red" variant="outline" mt="sm" p="xs">{edit.problem}</Alert>}
      {children}
      {draft !== undefined && (
        <form
          className={classes.form}
          aria-label={`${action} ${words}`}
          onSubmit={(event) => {
            event.preventDefault();
            void save().then((saved) => saved && finish());
          }}
        >
          {!edit.lease && <LostBanner section={section} edit={edit} asks={asks} online={viewing.status === "open"} />}
          {edit.lease && asks.askedBy(section) && (
            <AskedBanner
              by={asks.askedBy(section)!}
              section={section}
              canSave={ready !== null && !saving}
              onSave={() => void save().then((saved) => { if (saved) void edit.end().then(() => { asks.answer(section, true); setDraft(undefined); }); })}
              onGive={() => void handOver()}
              onKeep={() => asks.answer(section, false)}
            />
          )}
          {form(draft, setDraft)}
          {refused && <Alert role="alert" color="red" variant="outline" mt="sm" p="xs" title="Not saved" data-refused>{refused}</Alert>}
          <Group justify="flex-end" gap="xs" mt="md">
            {saving && !online && <Text size="sm" role="status" mr="auto">Waits for the connection</Text>}
            <Button variant="default" disabled={saving} onClick={finish}>{edit.lease ? "Cancel" : "Throw away"}</Button>
            <Button type="submit" loading={saving} disabled={!edit.lease || !ready}>Save</Button>
          </Group>
        </form>
      )}
      <EditQuestion section={section} edit={edit} asks={asks} />
    </Card>
  );
}
