import { Button, Group, Stack, Text, Textarea, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { ShieldAlert } from "lucide-react";
import { useState } from "react";
import { leastReason, mostReason } from "./glass";
import { Notice } from "./Notice";

/** Why one is asked. */
export interface Closed {
  readonly why: "restricted" | "expired" | "taken" | "away";
}

const words: Readonly<Record<Closed["why"], { title: string; text: string }>> = {
  restricted: { title: "This chart is restricted", text: "Only its care team opens it without a reason." },
  expired: { title: "Your access to this restricted chart has ended", text: "A reason is good for a limited time. To go on, give one again." },
  taken: { title: "This chart has just been restricted", text: "You are not of its care team, so it was closed." },
  away: { title: "This restricted chart was closed", text: "The connection was lost for a while. A reason counts for one opening; to go on, give one again." },
};

export interface BreakGlassProps {
  readonly name: string;
  readonly closed: Closed;
  /** Whether something typed before is kept. */
  readonly drafts: boolean;
  readonly onOpen: (reason: string) => void;
}

/** Stands in the place of a restricted chart: it is opened with a reason, which others see. */
export function BreakGlass({ name, closed, drafts, onOpen }: BreakGlassProps) {
  const [reason, setReason] = useState("");
  const { title, text } = words[closed.why];
  const good = reason.trim().length >= leastReason;
  return (
    <Notice color="orange" icon={ShieldAlert} p="md" maw={620} role="region" aria-labelledby="break-glass" data-glass={closed.why}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (good) onOpen(reason.trim());
        }}
      >
        <Stack gap="sm">
          <div role="alert">
            <Title order={2} size="h4" id="break-glass">{title}</Title>
            <Text size="sm" mt={4}>{text}</Text>
          </div>
          {drafts && <Text size="sm" fw={500}>What you typed is kept, and is there when the chart is open again.</Text>}
          <Textarea
            label={`Why do you have to see the chart of ${name}?`}
            description="Colleagues on the chart see it. The privacy officers are told at once, and it goes to the access log."
            required
            autoFocus
            autosize
            minRows={2}
            maxRows={5}
            maxLength={mostReason}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button component={Link} to="/patients" variant="default">Don’t open it</Button>
            <Button type="submit" disabled={!good}>Open the chart</Button>
          </Group>
        </Stack>
      </form>
    </Notice>
  );
}
