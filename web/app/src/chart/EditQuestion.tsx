import { Button, Group, Stack, Text } from "@mantine/core";
import { Face, statusWords } from "../people/Face";
import { clockTime } from "../schedule/day";
import { useMe } from "../session/useSession";
import { Dialog } from "../shell/Dialog";
import { sectionInWords, type Section } from "./records";
import type { Asks } from "./useAsks";
import type { Question, SectionEdit } from "./useSectionEdit";

/** What one is asked before one edits: others are here, or somebody edits it already. */
export function EditQuestion({ section, edit, asks }: { section: Section; edit: SectionEdit; asks: Asks }) {
  const words = sectionInWords(section);
  const { question } = edit;
  const title = question?.kind === "held" ? `${question.by.name} edits ${words}` : "Others have this chart open";
  return (
    <Dialog opened={question !== null} onClose={edit.dismiss} title={title}>
      {question?.kind === "others" && <Others question={question} edit={edit} words={words} />}
      {question?.kind === "held" && <Held question={question} edit={edit} words={words} onAsk={() => asks.ask(section, question.by.user)} asked={asks.asked(section) !== undefined} />}
    </Dialog>
  );
}

function Others({ question: { others }, edit, words }: { question: Extract<Question, { kind: "others" }>; edit: SectionEdit; words: string }) {
  return (
    <Stack data-warning>
      <Stack component="ul" gap="xs" p={0} m={0} style={{ listStyle: "none" }}>
        {others.map(({ user, name, status, editing }) => (
          <Group component="li" key={user} gap="sm" wrap="nowrap">
            <Face user={user} name={name} size={32} status={status} />
            <Text size="sm">{name} {editing?.length ? `edits ${editing.map(sectionInWords).join(", ")}` : "reads"}, {statusWords[status].word}</Text>
          </Group>
        ))}
      </Stack>
      <Text size="sm">They see at once what you save. While you edit {words}, nobody else can.</Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={edit.dismiss}>Keep reading</Button>
        <Button data-autofocus loading={edit.busy} onClick={edit.begin}>Edit anyway</Button>
      </Group>
    </Stack>
  );
}

interface HeldProps {
  readonly question: Extract<Question, { kind: "held" }>;
  readonly edit: SectionEdit;
  readonly words: string;
  readonly onAsk: () => void;
  readonly asked: boolean;
}

function Held({ question: { by }, edit, words, onAsk, asked }: HeldProps) {
  const me = useMe();
  const own = by.user === me.user;
  return (
    <Stack data-held={by.user}>
      <Text size="sm">
        {own ? `You edit ${words} in another window` : `${by.name} edits ${words}`}
        {by.since && ` since ${clockTime(by.since)}`}. {own ? "Taking it over here ends it there." : `If you take it over, ${by.name} can’t save any more what they typed.`}
      </Text>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" data-autofocus onClick={edit.dismiss}>Keep reading</Button>
        {!own && !asked && <Button variant="default" onClick={() => { onAsk(); edit.dismiss(); }}>Ask {by.name}</Button>}
        <Button color="#c92a2a" loading={edit.busy} onClick={edit.takeOver}>Take over</Button>
      </Group>
    </Stack>
  );
}
