import { Alert, Button, Skeleton, Stack, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { explain } from "../server/problem";

/** What a query brought, or why there is nothing to see yet. Something loaded before stays on show whatever comes. */
export function Loaded<T>({ query, children }: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) {
    return (
      <Alert role="alert" color="red" variant="outline" title="This could not be loaded">
        <Stack align="flex-start" gap="sm">
          <Text size="sm">{explain(query.error)}</Text>
          <Button size="sm" onClick={() => void query.refetch()}>Try again</Button>
        </Stack>
      </Alert>
    );
  }
  if (query.fetchStatus === "paused") return <Text role="status">This was not loaded yet and waits for the connection.</Text>;
  return (
    <Stack gap="sm" aria-busy="true" role="status" aria-label="Loading">
      {[0, 1, 2, 3].map((row) => <Skeleton key={row} height={56} />)}
    </Stack>
  );
}
