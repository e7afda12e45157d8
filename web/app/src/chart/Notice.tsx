import { Alert, type AlertProps } from "@mantine/core";
import type { LucideIcon } from "lucide-react";

export interface NoticeProps extends Omit<AlertProps, "icon" | "variant"> {
  readonly icon: LucideIcon;
  readonly role: "alert" | "status" | "region";
}

/** Something about the chart that one has to know; its words are in the colour of text, so that they can be read. */
export function Notice({ icon: Icon, ...rest }: NoticeProps) {
  return (
    <Alert variant="outline" p="sm" bg="var(--mantine-color-body)" icon={<Icon aria-hidden />} styles={{ title: { color: "var(--mantine-color-text)" } }} {...rest} />
  );
}
