import { Anchor, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";

export function LostPage() {
  return (
    <Stack align="flex-start">
      <Title order={1} size="h2">There is no such page</Title>
      <Text>The address is wrong, or what was there is gone.</Text>
      <Anchor component={Link} to="/schedule">Go to the schedule</Anchor>
    </Stack>
  );
}
