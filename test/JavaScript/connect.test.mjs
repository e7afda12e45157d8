// How one connects: by WebSocket, with a token that ends, and in no clinic but one's own.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as signalR from "@microsoft/signalr";
import { badTokens, newClinic, people, Person, publish, refusal, rest, token } from "./clinic.mjs";

const transports = {
  "a WebSocket": { transport: signalR.HttpTransportType.WebSockets },
  "a WebSocket without negotiation": { transport: signalR.HttpTransportType.WebSockets, skipNegotiation: true },
};

const connectAs = async (t, tenant, user, options) => {
  const person = await Person.connect(tenant, user, options);
  t.after(() => person.leave());
  return person;
};

for (const [name, transport] of Object.entries(transports)) {
  test(`Over ${name} one gets events, presence and answers`, async (t) => {
    const clinic = newClinic("transport");
    const [ben] = await people(t, clinic, "ben");
    const anna = await connectAs(t, clinic, "anna", transport);
    const { offset } = await anna.subscribe("tenant");
    await publish(clinic, { topic: "tenant", type: "x", data: { n: 1 } });
    assert.equal((await anna.events.next("the event")).offset, offset + 1);
    await ben.call("SetStatus", "away");
    await anna.presence("tenant").until("ben away", (entries) => entries.get("ben")?.status === "away");
    assert.match(await refusal(anna.call("Subscribe", "thread:none", null)), /not_found/);
  });

  test(`Over ${name} another clinic than the token's is refused`, async (t) => {
    const clinic = newClinic("mine");
    await assert.rejects(Person.connect(clinic, "anna", { ...transport, query: "?tenant=another" }));
    await assert.rejects(Person.connect(clinic, "anna", { ...transport, headers: { "X-Tenant": "another" } }));
    await connectAs(t, clinic, "anna", { ...transport, query: `?tenant=${clinic}`, headers: { "X-Tenant": clinic } });
  });

  test(`Over ${name} no bad token opens the hub`, async () => {
    const clinic = newClinic("tokens");
    for (const [what, bad] of Object.entries({ none: "", ...badTokens(clinic, "anna") })) {
      await assert.rejects(Person.connect(clinic, "anna", { ...transport, token: bad }), undefined, what);
    }
  });

  test(`Over ${name} a connection is told that its token ended, and ends`, async () => {
    const anna = await Person.connect(newClinic("end"), "anna", { ...transport, expiresInSeconds: 2 });
    const closing = await anna.closing.next("closing");
    assert.deepEqual(closing, { reason: "token_expired", retryAfterMs: 0 });
    await anna.closed;
  });
}

test("Other transports are not offered: a cut connection would be noticed too late on them", async () => {
  for (const transport of [signalR.HttpTransportType.ServerSentEvents, signalR.HttpTransportType.LongPolling]) {
    await assert.rejects(Person.connect(newClinic("transport"), "anna", { transport }), /available transports/);
  }
});

test("The refusals of the hub's own addresses are problem documents", async () => {
  const clinic = newClinic("addresses");
  const good = await token(clinic, "anna");
  for (const path of ["/hubs/clinic", "/hubs/clinic/negotiate?negotiateVersion=1"]) {
    for (const [what, bad] of Object.entries(badTokens(clinic, "anna"))) {
      const answer = await rest("POST", path, { headers: { authorization: `Bearer ${bad}` } });
      assert.equal(answer.status, 401, `${path} ${what}`);
      assert.equal(answer.body.code, "unauthenticated", `${path} ${what}`);
    }
    const foreign = await rest("POST", `${path}${path.includes("?") ? "&" : "?"}tenant=another`, { headers: { authorization: `Bearer ${good}` } });
    assert.equal(foreign.status, 403);
    assert.equal(foreign.body.code, "forbidden");
  }
});

test("A fresh token keeps a connection beyond the end of the first", async (t) => {
  const clinic = newClinic("fresh");
  const anna = await connectAs(t, clinic, "anna", { expiresInSeconds: 2 });
  const [ben] = await people(t, clinic, "ben");
  await ben.subscribe("tenant");
  await anna.call("Authenticate", await token(clinic, "anna"));
  const short = await connectAs(t, clinic, "carl", { expiresInSeconds: 3 });
  await short.closing.next("closing of the one whose token was issued later and ended");
  assert.deepEqual(anna.closing.items, []);
  await anna.call("SetStatus", "busy");
  await ben.presence("tenant").until("anna still there", (entries) => entries.get("anna")?.status === "busy");
});

test("A refused Authenticate leaves the connection as it was", async (t) => {
  const clinic = newClinic("refused");
  const anna = await connectAs(t, clinic, "anna", { expiresInSeconds: 3 });
  await anna.subscribe("tenant");
  for (const [what, bad] of Object.entries({ null: null, empty: "", ...badTokens(clinic, "anna") })) {
    assert.match(await refusal(anna.call("Authenticate", bad)), /unauthenticated/, what);
  }
  assert.match(await refusal(anna.call("Authenticate", await token(clinic, "ben"))), /forbidden/);
  assert.match(await refusal(anna.call("Authenticate", await token(newClinic("other"), "anna"))), /forbidden/);
  await publish(clinic, { topic: "tenant", type: "x", data: {} });
  await anna.events.next("an event all the same");
  assert.equal((await anna.closing.next("closing at the first token's end")).reason, "token_expired");
  await anna.closed;
});
