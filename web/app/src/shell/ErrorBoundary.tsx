import { Alert, Button, Center, Code, Stack, Text } from "@mantine/core";
import { CircleAlert } from "lucide-react";
import { Component, type ReactNode } from "react";

/** What is left when something on the page broke: nobody loses the whole window for it. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    if (!this.state.error) return this.props.children;
    return (
      <Center mih="60vh" p="md">
        <PageError error={this.state.error} reset={() => this.setState({ error: null })} />
      </Center>
    );
  }
}

export function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <Alert role="alert" color="red" variant="outline" icon={<CircleAlert aria-hidden />} title="This page broke" maw={560}>
      <Stack align="flex-start">
        <Text size="sm">It is a fault of the application, and not yours. What you sent is kept.</Text>
        <Code block w="100%">{error.message}</Code>
        <Button onClick={reset}>Try again</Button>
      </Stack>
    </Alert>
  );
}
