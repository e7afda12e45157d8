import { Group, Modal, Title } from "@mantine/core";
import type { ReactNode } from "react";

export interface DialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly children?: ReactNode;
}

/** A window on top of the page. Its head is no landmark, as Mantine's own would be. */
export function Dialog({ opened, onClose, title, children }: DialogProps) {
  return (
    <Modal.Root opened={opened} onClose={onClose}>
      <Modal.Overlay />
      <Modal.Content aria-label={title}>
        <Modal.Body p="md">
          <Group justify="space-between" wrap="nowrap" mb="md">
            <Title order={2} size="h4">{title}</Title>
            <Modal.CloseButton aria-label="Close" />
          </Group>
          {children}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
