import { AppShell, Group, Stack, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Outlet } from "@tanstack/react-router";
import { MessagingLive } from "../messaging/MessagingLive";
import { NotificationsLive } from "../notifications/NotificationsLive";
import { UrgentBanner } from "../notifications/UrgentBanner";
import { OnlineList } from "../people/OnlineList";
import { ScheduleLive } from "../schedule/ScheduleLive";
import { useMe } from "../session/useSession";
import { WaitingWrites } from "../writes/WaitingWrites";
import classes from "./Layout.module.css";
import { Indicator } from "./Indicator";
import { NavLinks, TabBar } from "./NavLinks";
import { UserMenu } from "./UserMenu";

/** The frame of every page: who one is, whether it is live, where one can go and what waits there. */
export function Layout() {
  const me = useMe();
  const phone = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: "sm", collapsed: { mobile: true } }}
      {...(phone && { footer: { height: 60 } })}
      padding="md"
    >
      <a className="skip-link" href="#content">Skip to the content</a>
      <ScheduleLive />
      <NotificationsLive />
      <MessagingLive />
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="xs">
          <Group gap="xs" wrap="nowrap" miw={0}>
            <img src="/clinic.svg" alt="" width={28} height={28} />
            <Text className={classes.name ?? ""} truncate visibleFrom="xs">{me.clinic}</Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <WaitingWrites />
            <Indicator />
            <UserMenu />
          </Group>
        </Group>
      </AppShell.Header>
      {!phone && (
        <AppShell.Navbar p="sm" component="div">
          <Stack justify="space-between" h="100%" gap="lg">
            <NavLinks />
            <OnlineList />
          </Stack>
        </AppShell.Navbar>
      )}
      <AppShell.Main id="content" tabIndex={-1} className={classes.main ?? ""}>
        <UrgentBanner />
        <Outlet />
      </AppShell.Main>
      {phone && (
        <AppShell.Footer component="div">
          <TabBar />
        </AppShell.Footer>
      )}
    </AppShell>
  );
}
