import { Group, Text } from "@mantine/core";
import { ShieldAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { clockTime } from "../schedule/day";
import { Notice } from "./Notice";

/** Says for as long as it lasts that a restricted chart is open, why, and when that ends. */
export function GlassBanner({ reason, until }: { reason: string | undefined; until: string | undefined }) {
  const minutes = useMinutesUntil(until);
  return (
    <Notice role="status" color="orange" icon={ShieldAlert} data-break-glass>
      <Group justify="space-between" gap="xs">
        <div>
          <Text size="sm" fw={600}>You opened this restricted chart with a reason</Text>
          {reason && <Text size="sm">“{reason}”</Text>}
        </div>
        {until && (
          <Text size="sm" fw={500}>
            Ends <time dateTime={until}>{clockTime(until)}</time>, in {minutes < 1 ? "less than a minute" : minutes === 1 ? "1 minute" : `${minutes} minutes`}
          </Text>
        )}
      </Group>
    </Notice>
  );
}

function useMinutesUntil(until: string | undefined): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5_000);
    return () => clearInterval(timer);
  }, []);
  return until ? Math.max(0, Math.floor((Date.parse(until) - now) / 60_000)) : 0;
}
