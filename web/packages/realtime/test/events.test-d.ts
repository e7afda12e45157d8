// What an editor tells whoever uses the packages.
import { describe, expectTypeOf, test } from "vitest";
import type { Appointment, ClinicEvent, EditAnswer, EventOf, Message, RealtimeClient, RealtimeError, TokenSource, TopicState } from "@clinic/realtime";

declare module "@clinic/realtime" {
  interface EventMap {
    "bed:freed": { ward: string };
  }
}

declare const client: RealtimeClient;

describe("Events", () => {
  test("are told apart by their type", () => {
    client.subscribe("tenant", {
      onEvent(event) {
        expectTypeOf(event).toEqualTypeOf<ClinicEvent>();
        if (event.type === "appointment:created") expectTypeOf(event.data).toEqualTypeOf<Appointment>();
        if (event.type === "message:new") expectTypeOf(event.data).toEqualTypeOf<Message>();
        if (event.type === "edit:ended") expectTypeOf(event.data.by).toEqualTypeOf<string | null>();
        // @ts-expect-error there is no such type
        if (event.type === "appointment:eaten") return;
      },
    });
  });

  test("of a backend's own can be declared", () => {
    expectTypeOf<EventOf<"bed:freed">["data"]>().toEqualTypeOf<{ ward: string }>();
    expectTypeOf<Extract<ClinicEvent, { type: "bed:freed" }>["data"]["ward"]>().toEqualTypeOf<string>();
  });
});

describe("The client", () => {
  test("answers what the contract answers", () => {
    expectTypeOf(client.openChart("p-1", { reason: "x" }).beginEdit).returns.resolves.toEqualTypeOf<EditAnswer>();
    expectTypeOf(client.markRead("m-1")).resolves.toEqualTypeOf<void>();
    expectTypeOf<Parameters<RealtimeClient["setStatus"]>[0]>().toEqualTypeOf<"active" | "away" | "busy">();
    expectTypeOf<Extract<TopicState, { status: "refused" }>["error"]>().toEqualTypeOf<RealtimeError>();
    expectTypeOf(client.state.status).toEqualTypeOf<"connecting" | "connected" | "reconnecting" | "offline" | "unauthorized">();
  });

  test("takes tokens at once or later, or none", () => {
    expectTypeOf<() => string>().toExtend<TokenSource>();
    expectTypeOf<() => Promise<string | null>>().toExtend<TokenSource>();
    expectTypeOf<() => undefined>().not.toExtend<TokenSource>();
  });
});
