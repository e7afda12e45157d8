// Who may in: each wrong way gets its documented answer, and the others notice nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { newClinic, people, Person, publish, rest, token } from "./clinic.mjs";

const event = { topic: "tenant", type: "x", data: {} };

test("A connection without a token, or with a bad or expired one, is rejected", async () => {
  const clinic = newClinic("tokens");
  await assert.rejects(Person.connect(clinic, "anna", { token: "" }), /401/);
  await assert.rejects(Person.connect(clinic, "anna", { token: "nonsense" }), /401/);
  const good = await token(clinic, "anna");
  const forged = `${good.slice(0, good.lastIndexOf(".") + 1)}${"A".repeat(43)}`;
  await assert.rejects(Person.connect(clinic, "anna", { token: forged }), /401/);
});

test("A clinic named beside the token must be the token's own", async (t) => {
  const clinic = newClinic("mine");
  await assert.rejects(Person.connect(clinic, "anna", { query: "?tenant=another" }), /403/);
  const same = await Person.connect(clinic, "anna", { query: `?tenant=${clinic}` });
  t.after(() => same.leave());
  assert.equal((await same.rest("GET", "/api/presence", undefined, { "x-tenant": "another" })).status, 403);
  assert.equal((await same.rest("GET", "/api/presence")).status, 200);
});

test("A connection ends with its token and says so before", async () => {
  const clinic = newClinic("expiry");
  const anna = await Person.connect(clinic, "anna", { expiresInSeconds: 2 });
  const closing = await anna.closing.next("closing", undefined, 8000);
  assert.equal(closing.reason, "token_expired");
  await anna.closed;
  assert.equal((await anna.rest("GET", "/api/presence")).status, 401);
});

test("A fresh token of the same user keeps the connection and another user's is refused", async (t) => {
  const clinic = newClinic("fresh");
  const anna = await Person.connect(clinic, "anna", { expiresInSeconds: 3 });
  t.after(() => anna.leave());
  await assert.rejects(anna.call("Authenticate", await token(clinic, "ben")), /forbidden|unauthenticated/);
  await assert.rejects(anna.call("Authenticate", await token(newClinic("elsewhere"), "anna")), /forbidden|unauthenticated/);
  const shorter = await Person.connect(clinic, "ben", { expiresInSeconds: 4 });
  await anna.call("Authenticate", await token(clinic, "anna"));
  // The one whose token ends later, and was not renewed, is gone; the renewed one is not.
  await shorter.closing.next("closing of the unrenewed", undefined, 10_000);
  await anna.subscribe("tenant");
  assert.deepEqual(anna.closing.items, []);
});

test("Publishing needs a service key and names its clinic", async () => {
  const clinic = newClinic("service");
  const wrong = await publish(clinic, event, "wrong");
  assert.equal(wrong.status, 401);
  assert.equal(wrong.body.code, "unauthenticated");
  assert.equal((await rest("POST", "/api/events", { body: event })).status, 401);
  const user = await token(clinic, "anna");
  const byUser = await rest("POST", "/api/events", { body: event, headers: { authorization: `Bearer ${user}` } });
  assert.ok([401, 403].includes(byUser.status), `a user's token published: ${byUser.status}`);
});

test("What is wrong with a call is said with a code and the connection goes on", async (t) => {
  const [anna] = await people(t, newClinic("wrong"), "anna");
  await assert.rejects(anna.call("Subscribe", "nonsense", null), /invalid|not_found/);
  await assert.rejects(anna.call("Subscribe", "patient:" + "x".repeat(500), null), /invalid/);
  await assert.rejects(anna.call("StartTyping", "never-made"), /not_found/);
  await anna.subscribe("tenant");
});

test("A patient sees no chart", async (t) => {
  const clinic = newClinic("roles");
  const patient = await Person.connect(clinic, "paula", { roles: ["patient"] });
  t.after(() => patient.leave());
  await assert.rejects(patient.call("Subscribe", "patient:p1", null), /forbidden/);
  await assert.rejects(patient.call("OpenChart", "p1", null), /forbidden/);
});
