import { Group, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

/** A page's title, in the window's too, and what can be done on the whole page; as wide as what stands below. */
export function PageHead({ title, width, children }: { title: string; width?: number; children?: ReactNode }) {
  useDocumentTitle(`${title} · Clinic`);
  return (
    <Group justify="space-between" mb="md" gap="sm" {...(width !== undefined && { maw: width })}>
      <Title order={1} size="h2">{title}</Title>
      {children && <Group gap="xs">{children}</Group>}
    </Group>
  );
}
