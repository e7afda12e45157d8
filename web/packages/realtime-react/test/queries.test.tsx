// @vitest-environment jsdom
import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { act, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Appointment } from "@clinic/realtime";
import { addOnce, patchInfinite, patchList, removeById, upsertById, useTopicQueries } from "@clinic/realtime-react/query";
import { happen, pass, show } from "./render.js";

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(() => void vi.useRealTimers());

const appointment = (id: string, version: number, reason: string) => ({ id, version, reason }) as Appointment;
type List = { items: Appointment[]; next: null };

/** A schedule over a REST route that answers when the test says so. */
async function schedule() {
  const loads: ((list: List) => void)[] = [];
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } });
  const patch = (client: QueryClient, data: Appointment) =>
    void client.setQueriesData<List>({ queryKey: ["appointments"] }, patchList<Appointment>((items) => upsertById(items, data)));
  function Schedule() {
    useTopicQueries("tenant", {
      keys: [["appointments"]],
      on: {
        "appointment:created": (client, { data }) => patch(client, data),
        "appointment:updated": (client, { data }) => patch(client, data),
      },
    });
    const { data } = useQuery({ queryKey: ["appointments", "today"], queryFn: () => new Promise<List>((resolve) => loads.push(resolve)) });
    return <p>{data?.items.map(({ id, reason }) => `${id} ${reason}`).join(", ") ?? "loading"}</p>;
  }
  const shown = await show(
    <QueryClientProvider client={queries}>
      <Schedule />
    </QueryClientProvider>,
  );
  const answer = async (at: number, ...items: Appointment[]) => {
    await act(async () => loads[at]?.({ items, next: null }));
    await pass(1);
  };
  return { ...shown, loads, answer, queries };
}

/** With what was asked for before the topic was live loaded once more. */
async function loaded(...items: Appointment[]) {
  const page = await schedule();
  await page.answer(0, ...items);
  await page.answer(1, ...items);
  return page;
}

test("A first load that began before the topic was live is made once more", async () => {
  const { loads, answer } = await schedule();
  expect(loads).toHaveLength(1);
  await answer(0, appointment("a-1", 1, "old"));
  expect(loads).toHaveLength(2);
  await answer(1, appointment("a-1", 2, "new"));
  expect(screen.getByText("a-1 new")).toBeTruthy();
  expect(loads).toHaveLength(2);
});

test("An event patches the cache from its data, without a load; an older one changes nothing", async () => {
  const { hub, loads } = await loaded(appointment("a-1", 2, "Check-up"));
  await happen(() => hub.publish("tenant", appointment("a-2", 1, "Vaccination"), { type: "appointment:created" }));
  await happen(() => hub.publish("tenant", appointment("a-1", 3, "Stitches"), { type: "appointment:updated" }));
  await happen(() => hub.publish("tenant", appointment("a-1", 2, "Check-up"), { type: "appointment:updated" }));
  expect(screen.getByText("a-1 Stitches, a-2 Vaccination")).toBeTruthy();
  expect(loads).toHaveLength(2);
});

test("A gap loads everything under the keys anew", async () => {
  const { hub, loads, answer } = await loaded(appointment("a-1", 1, "Check-up"));
  hub.topic("tenant").epoch = "e2";
  await happen(() => hub.link.cut());
  await pass(10);
  expect(loads).toHaveLength(3);
  await answer(2, appointment("a-9", 1, "Other"));
  expect(screen.getByText("a-9 Other")).toBeTruthy();
});

test("A recovered absence loads nothing", async () => {
  const { hub, loads } = await loaded(appointment("a-1", 1, "Check-up"));
  hub.publish("tenant", appointment("a-1", 2, "Moved"), { type: "appointment:updated", lost: true });
  await happen(() => hub.link.cut());
  await pass(10);
  expect(screen.getByText("a-1 Moved")).toBeTruthy();
  expect(loads).toHaveLength(2);
});

test("An answer of before an event does not undo it", async () => {
  const { hub, loads, answer, queries } = await loaded(appointment("a-1", 1, "Check-up"));
  await act(async () => void queries.invalidateQueries({ queryKey: ["appointments"] }));
  expect(loads).toHaveLength(3);
  await happen(() => hub.publish("tenant", appointment("a-1", 2, "Moved"), { type: "appointment:updated" }));
  await answer(2, appointment("a-1", 1, "Check-up"));
  expect(screen.getByText("a-1 Moved")).toBeTruthy();
  expect(loads).toHaveLength(3);
});

test("Unmounting stops watching the cache", async () => {
  const { queries, change, client } = await loaded();
  const before = queries.getQueryCache().hasListeners();
  await change(null);
  await pass(1_000);
  expect([before, queries.getQueryCache().hasListeners()]).toEqual([true, false]);
  expect(client.size.topics).toBe(0);
});

test("Lists change only when something is new", () => {
  const items = [{ id: "a", version: 2 }, { id: "b", version: 1 }];
  expect(upsertById(items, { id: "a", version: 2 })).toBe(items);
  expect(upsertById(items, { id: "a", version: 3 })).toEqual([{ id: "a", version: 3 }, { id: "b", version: 1 }]);
  expect(upsertById(items, { id: "c", version: 1 }).map(({ id }) => id)).toEqual(["a", "b", "c"]);
  expect(addOnce(items, { id: "b", version: 9 })).toBe(items);
  expect(addOnce(items, { id: "c", version: 1 }, "start").map(({ id }) => id)).toEqual(["c", "a", "b"]);
  expect(removeById(items, "x")).toBe(items);
  expect(removeById(items, "a").map(({ id }) => id)).toEqual(["b"]);
  const page = { items, next: "x" };
  expect(patchList<{ id: string }>((list) => list)(page)).toBe(page);
  expect(patchList<{ id: string }>(() => [])(undefined)).toBeUndefined();
  const pages = { pages: [page, { items: [{ id: "z", version: 1 }], next: null }], pageParams: [null, "x"] };
  expect(patchInfinite<{ id: string; version: number }>((list) => addOnce(list, { id: "n", version: 1 }, "start"))(pages)?.pages.map(({ items: own }) => own.length)).toEqual([3, 1]);
  expect(patchInfinite<{ id: string; version: number }>((list) => removeById(list, "z"), "all")(pages)?.pages.map(({ items: own }) => own.length)).toEqual([2, 0]);
});
