import { Button, Group, NativeSelect, Stack, TextInput } from "@mantine/core";
import type { Priority } from "@clinic/realtime";
import { useState } from "react";
import { priorities } from "../notifications/priorities";
import { useColleagues } from "../people/staff";
import { Dialog } from "../shell/Dialog";
import { useWrite } from "../writes/useWrite";

export function NewTask({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Dialog opened={opened} onClose={onClose} title="New task">
      <NewTaskForm onClose={onClose} />
    </Dialog>
  );
}

function NewTaskForm({ onClose }: { onClose: () => void }) {
  const { list, nameOf } = useColleagues();
  const write = useWrite();
  const [title, setTitle] = useState("");
  const [assignedTo, setAssignedTo] = useState("");
  const [priority, setPriority] = useState<Priority>("normal");
  const [due, setDue] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        write({
          method: "POST",
          path: "/api/tasks",
          body: { title: title.trim(), priority, ...(assignedTo && { assignedTo }), ...(due && { dueAt: new Date(due).toISOString() }) },
          kind: "task:new",
          label: `New task “${title.trim()}”${assignedTo ? ` for ${nameOf(assignedTo)}` : ""}`,
        }).catch(() => undefined);
        onClose();
      }}
    >
      <Stack>
        <TextInput label="What is to be done" required maxLength={200} data-autofocus value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
        <NativeSelect label="Who does it" value={assignedTo} onChange={(event) => setAssignedTo(event.currentTarget.value)}>
          <option value="">Nobody yet</option>
          {list.map(({ user, name }) => <option key={user} value={user}>{name}</option>)}
        </NativeSelect>
        <Group grow align="flex-start">
          <NativeSelect label="Priority" value={priority} onChange={(event) => setPriority(event.currentTarget.value as Priority)}>
            {(Object.keys(priorities) as Priority[]).map((value) => <option key={value} value={value}>{priorities[value].word}</option>)}
          </NativeSelect>
          <TextInput label="Due" type="datetime-local" value={due} onChange={(event) => setDue(event.currentTarget.value)} />
        </Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" disabled={title.trim() === ""}>Make the task</Button>
        </Group>
      </Stack>
    </form>
  );
}
