import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { Layout } from "./shell/Layout";
import { LostPage } from "./shell/LostPage";
import { PageError } from "./shell/ErrorBoundary";

const root = createRootRoute({ component: Layout, notFoundComponent: LostPage, errorComponent: ({ error, reset }) => <PageError error={error instanceof Error ? error : new Error(String(error))} reset={reset} /> });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- the router leads on by what is thrown
    throw redirect({ to: "/schedule", replace: true });
  },
});

export const scheduleRoute = createRoute({
  getParentRoute: () => root,
  path: "/schedule",
  // The day as it is where the user is; today when left out.
  validateSearch: (search): { date?: string } => (typeof search["date"] === "string" && /^\d{4}-\d\d-\d\d$/.test(search["date"]) ? { date: search["date"] } : {}),
  component: lazyRouteComponent(() => import("./schedule/SchedulePage"), "SchedulePage"),
});

export const tasksRoute = createRoute({
  getParentRoute: () => root,
  path: "/tasks",
  component: lazyRouteComponent(() => import("./tasks/TasksPage"), "TasksPage"),
});

/** Where a notification about a task leads. */
export const taskRoute = createRoute({
  getParentRoute: () => root,
  path: "/tasks/$taskId",
  component: lazyRouteComponent(() => import("./tasks/TasksPage"), "TasksPage"),
});

export const notificationsRoute = createRoute({
  getParentRoute: () => root,
  path: "/notifications",
  component: lazyRouteComponent(() => import("./notifications/NotificationsPage"), "NotificationsPage"),
});

export const orderRoute = createRoute({
  getParentRoute: () => root,
  path: "/orders/$orderId",
  component: lazyRouteComponent(() => import("./orders/OrderPage"), "OrderPage"),
});

export const messagesRoute = createRoute({
  getParentRoute: () => root,
  path: "/messages",
  component: lazyRouteComponent(() => import("./messaging/MessagingPage"), "MessagingPage"),
});

export const threadRoute = createRoute({
  getParentRoute: () => root,
  path: "/messages/$threadId",
  component: lazyRouteComponent(() => import("./messaging/MessagingPage"), "MessagingPage"),
});

export const patientsRoute = createRoute({
  getParentRoute: () => root,
  path: "/patients",
  component: lazyRouteComponent(() => import("./chart/PatientsPage"), "PatientsPage"),
});

export const patientRoute = createRoute({
  getParentRoute: () => root,
  path: "/patients/$patientId",
  component: lazyRouteComponent(() => import("./chart/ChartPage"), "ChartPage"),
});

export const accessRoute = createRoute({
  getParentRoute: () => root,
  path: "/patients/$patientId/access",
  component: lazyRouteComponent(() => import("./chart/AccessLogPage"), "AccessLogPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([home, scheduleRoute, tasksRoute, taskRoute, notificationsRoute, orderRoute, messagesRoute, threadRoute, patientsRoute, patientRoute, accessRoute]),
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
