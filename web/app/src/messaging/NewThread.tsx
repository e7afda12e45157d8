import { Button, Group, MultiSelect, Stack, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useColleagues } from "../people/staff";
import { useMe } from "../session/useSession";
import { Dialog } from "../shell/Dialog";
import { useWrite } from "../writes/useWrite";
import type { Thread } from "./threads";

export function NewThread({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Dialog opened={opened} onClose={onClose} title="New thread">
      <NewThreadForm onClose={onClose} />
    </Dialog>
  );
}

function NewThreadForm({ onClose }: { onClose: () => void }) {
  const me = useMe();
  const { list } = useColleagues();
  const write = useWrite();
  const navigate = useNavigate();
  const [subject, setSubject] = useState("");
  const [participants, setParticipants] = useState<string[]>([]);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        write({ method: "POST", path: "/api/messaging", body: { subject: subject.trim(), participants }, kind: "thread", label: `New thread “${subject.trim()}”` }).then(
          (made) => navigate({ to: "/messages/$threadId", params: { threadId: (made as Thread).id } }),
          () => undefined,
        );
        onClose();
      }}
    >
      <Stack>
        <TextInput label="What it is about" required maxLength={200} data-autofocus value={subject} onChange={(event) => setSubject(event.currentTarget.value)} />
        <MultiSelect
          label="Who takes part"
          description="You do anyway. Others can’t be added later."
          placeholder={participants.length === 0 ? "Choose colleagues" : ""}
          searchable
          maxValues={199}
          data={list.filter(({ user }) => user !== me.user).map(({ user, name }) => ({ value: user, label: name }))}
          value={participants}
          onChange={setParticipants}
          comboboxProps={{ withinPortal: true }}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" disabled={subject.trim() === "" || participants.length === 0}>Begin the thread</Button>
        </Group>
      </Stack>
    </form>
  );
}
