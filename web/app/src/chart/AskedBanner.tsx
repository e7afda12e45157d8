import { Button, Group } from "@mantine/core";
import { Hand } from "lucide-react";
import { useColleagues } from "../people/staff";
import { Notice } from "./Notice";
import { sectionInWords, type Section } from "./records";

export interface AskedBannerProps {
  readonly by: string;
  readonly section: Section;
  readonly canSave: boolean;
  readonly onSave: () => void;
  readonly onGive: () => void;
  readonly onKeep: () => void;
}

/** A colleague asks for the section that this user edits. */
export function AskedBanner({ by, section, canSave, onSave, onGive, onKeep }: AskedBannerProps) {
  const { nameOf } = useColleagues();
  return (
    <Notice role="alert" color="cyan" mb="md" icon={Hand} title={`${nameOf(by)} asks for ${sectionInWords(section)}`} data-asked={by}>
      <Group gap="xs" mt="xs">
        {canSave && <Button size="xs" onClick={onSave}>Save and hand over</Button>}
        <Button size="xs" variant="default" onClick={onGive}>{canSave ? "Hand over, don’t save" : "Hand over"}</Button>
        <Button size="xs" variant="default" onClick={onKeep}>Not now</Button>
      </Group>
    </Notice>
  );
}
