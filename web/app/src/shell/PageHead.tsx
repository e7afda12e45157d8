import { Group, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

/** A page's title, in the window's too, and what can be done on the whole page. */
export function PageHead({ title, children }: { title: string; children?: ReactNode }) {
  useDocumentTitle(`${title} · Clinic`);
  return (
    <Group justify="space-between" mb="md" gap="sm">
      <Title order={1} size="h2">{title}</Title>
      {children && <Group gap="xs">{children}</Group>}
    </Group>
  );
}
