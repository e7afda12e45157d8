import { Alert, Button, Group } from "@mantine/core";
import { Hand } from "lucide-react";
import { useColleagues } from "../people/staff";
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
    <Alert role="alert" color="cyan" variant="outline" p="sm" mb="md" icon={<Hand aria-hidden />} title={`${nameOf(by)} asks for ${sectionInWords(section)}`} data-asked={by}>
      <Group gap="xs" mt="xs">
        {canSave && <Button size="xs" onClick={onSave}>Save and hand over</Button>}
        <Button size="xs" variant="default" onClick={onGive}>{canSave ? "Hand over, don’t save" : "Hand over"}</Button>
        <Button size="xs" variant="default" onClick={onKeep}>Not now</Button>
      </Group>
    </Alert>
  );
}
