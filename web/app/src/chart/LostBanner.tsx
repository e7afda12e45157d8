import { Button, Group, Text } from "@mantine/core";
import { Unplug } from "lucide-react";
import { useColleagues } from "../people/staff";
import { Notice } from "./Notice";
import { sectionInWords, type Section } from "./records";
import type { Asks } from "./useAsks";
import type { SectionEdit } from "./useSectionEdit";

export interface LostBannerProps {
  readonly section: Section;
  readonly edit: SectionEdit;
  readonly asks: Asks;
  readonly online: boolean;
}

/** The section is not this user's any more: why, that what was typed is kept, and how to get it back. */
export function LostBanner({ section, edit, asks, online }: LostBannerProps) {
  const { nameOf } = useColleagues();
  const words = sectionInWords(section);
  const holder = edit.editor ?? edit.lost?.heldBy ?? null;
  return (
    <Notice role="alert" color="orange" mb="md" icon={Unplug} title={why(edit.lost, words, nameOf)} data-lost={edit.lost?.reason ?? "ended"}>
      <Text size="sm">
        What you typed is kept here, and can’t be saved until you edit {words} again.
        {edit.editor && ` ${edit.editor.name} edits it now.`}
      </Text>
      <Group gap="xs" mt="xs">
        {edit.editor ? (
          <>
            {asks.asked(section) ? (
              <Text size="sm" role="status">You asked {edit.editor.name} for it.</Text>
            ) : (
              <Button size="xs" variant="default" onClick={() => asks.ask(section, edit.editor!.user)}>Ask {edit.editor.name}</Button>
            )}
            <Button size="xs" variant="default" onClick={() => edit.askTakeOver(edit.editor!)}>Take over…</Button>
          </>
        ) : (
          <Button size="xs" loading={edit.busy} disabled={!online} onClick={edit.begin}>Edit again</Button>
        )}
        {!edit.editor && holder && <Text size="sm">{holder.name} edited it last.</Text>}
      </Group>
    </Notice>
  );
}

function why(lost: SectionEdit["lost"], words: string, nameOf: (user: string) => string): string {
  if (lost?.reason === "taken_over") return lost.by ? `${nameOf(lost.by)} took over ${words}` : `Your edit of ${words} was taken over`;
  if (lost?.reason === "connection_lost") return `Your connection was away for too long, and your edit of ${words} ended`;
  if (lost?.reason === "expired") return `Your edit of ${words} has run out`;
  return `You do not edit ${words} any more`;
}
