// Every record route: what it answers, the events it makes, and that they come on the topics the contract names and on no other.
import assert from "node:assert/strict";
import { test } from "node:test";
import { newClinic, people, Person, publish, refusal, rest, token } from "./clinic.mjs";

const label = ({ topic, type }) => `${topic} ${type}`;

/** What a person got on each topic, in the order of the topic. */
const byTopic = (labels) => {
  const topics = {};
  for (const text of labels) (topics[text.split(" ")[0]] ??= []).push(text);
  return topics;
};

test("Every record route tells exactly the topics of the contract, and nobody else", async (t) => {
  const clinic = newClinic("routes");
  const elsewhere = newClinic("neighbours");
  const [anna, ben, carl] = await people(t, clinic, "anna", "ben", "carl");
  // In another clinic under the same user id, and with everything there that has the same name.
  const [other] = await people(t, elsewhere, "ben");
  const admin = await token(clinic, "admin", { roles: ["admin"] });
  const everybody = { anna, ben, carl, other };
  const got = { anna: [], ben: [], carl: [], other: [] };
  const position = { anna: {}, ben: {}, carl: {}, other: {} };
  const subscribe = async (name, topic) => (position[name][topic] = (await everybody[name].subscribe(topic)).offset);
  for (const name of Object.keys(everybody)) for (const topic of ["tenant", "user", "patient:p1"]) await subscribe(name, topic);

  /** One call, its status, and who must be told what; whoever is not named must be told nothing. */
  async function step(what, call, status, told = {}) {
    const answer = await call();
    assert.equal(answer.status, status, `${what}: ${JSON.stringify(answer.body)}`);
    for (const [name, labels] of Object.entries(told)) {
      got[name].push(...labels);
      for (const text of new Set(labels)) {
        const count = got[name].filter((earlier) => earlier === text).length;
        let seen = 0;
        await everybody[name].events.next(`${text} of ${what}`, () => (seen = everybody[name].events.items.filter((event) => label(event) === text).length) >= count);
        assert.ok(seen >= count);
      }
    }
    return answer.body;
  }

  const clinicWide = (...types) => Object.fromEntries(["anna", "ben", "carl"].map((name) => [name, types.map((type) => `tenant ${type}`)]));
  const chart = (type) => Object.fromEntries(["anna", "ben", "carl"].map((name) => [name, [`patient:p1 ${type}`]]));
  const notified = (name) => ({ [name]: ["user notification:new", "user unread:changed"] });
  const asAdmin = (path) => rest("GET", path, { headers: { authorization: `Bearer ${admin}` } });

  const appointment = { patientId: "p1", providerId: "ben", startsAt: "2031-05-06T08:00:00Z", durationMinutes: 30, reason: "check" };
  const { id } = await step("make an appointment", () => anna.rest("POST", "/api/appointments", appointment), 201, clinicWide("appointment:created"));
  await step("change it", () => anna.rest("PATCH", `/api/appointments/${id}`, { durationMinutes: 45 }), 200, clinicWide("appointment:updated"));
  await step("confirm it", () => anna.rest("PATCH", `/api/appointments/${id}/status`, { status: "confirmed" }), 200, clinicWide("appointment:updated"));
  await step("confirm it again", () => anna.rest("PATCH", `/api/appointments/${id}/status`, { status: "confirmed" }), 200);
  await step("check in", () => anna.rest("PATCH", `/api/appointments/${id}/status`, { status: "checked_in" }), 200, clinicWide("appointment:updated", "patient:checked_in"));
  await step("cancel it", () => anna.rest("DELETE", `/api/appointments/${id}`), 204, clinicWide("appointment:cancelled"));

  const thread = (await step("make a thread", () => anna.rest("POST", "/api/messaging", { subject: "bed 4", participants: ["ben"] }), 201)).id;
  for (const name of ["anna", "ben"]) await subscribe(name, `thread:${thread}`);
  for (const stranger of [carl, other]) assert.match(await refusal(stranger.call("Subscribe", `thread:${thread}`, null)), /not_found/);
  const message = await step("send a message", () => anna.rest("POST", `/api/messaging/${thread}/messages`, { body: "please look" }), 201, {
    anna: [`thread:${thread} message:new`],
    ben: [`thread:${thread} message:new`, "user unread:changed"],
  });
  await step("read it", () => ben.rest("PATCH", `/api/messages/${message.id}/read`), 204, {
    anna: [`thread:${thread} message:read`],
    ben: [`thread:${thread} message:read`, "user unread:changed"],
  });

  const task = await step("give a task", () => anna.rest("POST", "/api/tasks", { title: "call the laboratory", assignedTo: "ben" }), 201, notified("ben"));
  await step("keep a task", () => anna.rest("POST", "/api/tasks", { title: "tidy up", assignedTo: "anna" }), 201);
  await step("give it to another", () => anna.rest("PATCH", `/api/tasks/${task.id}`, { assignedTo: "carl" }), 200, notified("carl"));
  await step("finish it", () => anna.rest("PATCH", `/api/tasks/${task.id}`, { status: "done" }), 200);

  const result = { patientId: "p1", orderedBy: "ben", test: "potassium", value: "6.9", unit: "mmol/L", status: "final", abnormal: "critical" };
  const entered = await step("enter a critical result", () => anna.rest("POST", "/api/lab-results", result), 201, notified("ben"));
  const critical = await ben.events.next("the critical result", ({ type, data }) => type === "notification:new" && data.kind === "lab_result_ready");
  assert.equal(critical.data.priority, "urgent");
  assert.equal(critical.data.requiresAck, true);
  await step("change its value", () => anna.rest("PATCH", `/api/lab-results/${entered.id}`, { value: "6.8" }), 200);
  await step("correct it", () => anna.rest("PATCH", `/api/lab-results/${entered.id}`, { status: "corrected" }), 200, notified("ben"));

  const order = { patientId: "p1", providerId: "ben", kind: "x-ray", details: "left hand", priority: "urgent" };
  const ordered = await step("order", () => anna.rest("POST", "/api/orders", order), 201, notified("ben"));
  await step("begin with it", () => anna.rest("PATCH", `/api/orders/${ordered.id}/status`, { status: "in_progress" }), 200, notified("ben"));

  await step("make a patient", () => anna.rest("POST", "/api/patients", { id: "p1", name: "Patient Sample", birthDate: "1990-01-01" }), 201);
  await step("enter vitals", () => anna.rest("PATCH", "/api/patients/p1/vitals", { heartRate: 70 }), 200, chart("vitals:updated"));
  await step("add an allergy", () => anna.rest("POST", "/api/patients/p1/allergies", { substance: "dust" }), 201, chart("allergy:added"));
  await step("add a medication", () => anna.rest("POST", "/api/patients/p1/medications", { name: "tablet", dose: "10 mg" }), 201, chart("medication:added"));
  await step("write to another chart", () => anna.rest("PATCH", "/api/patients/p2/vitals", { heartRate: 70 }), 200);
  await step("acknowledge", () => ben.rest("POST", `/api/notifications/${critical.data.id}/ack`), 200, { ben: ["user notification:acknowledged", "user unread:changed"] });

  for (const path of [
    "/api/appointments?date=2031-05-06", `/api/appointments/${id}`, "/api/messaging", `/api/messaging/${thread}/messages`, "/api/tasks", `/api/tasks/${task.id}`,
    "/api/lab-results?patientId=p1", `/api/lab-results/${entered.id}`, "/api/orders?patientId=p1", `/api/orders/${ordered.id}`, "/api/patients", "/api/patients/p1",
    "/api/notifications?unacknowledged=true", "/api/presence", "/api/patients/p1/viewers",
  ])
    await step(`GET ${path}`, () => anna.rest("GET", path), 200);
  await step("read the access log", () => asAdmin("/api/patients/p1/access-log"), 200);

  // Behind a last event on every topic nothing can be on its way: each has exactly what the calls above named.
  const last = { anna: `thread:${thread}`, ben: `thread:${thread}` };
  for (const tenant of [clinic, elsewhere])
    for (const topic of ["tenant", "patient:p1", "user:ben", ...(tenant === clinic ? ["user:anna", "user:carl", `thread:${thread}`] : [])])
      await step(`publish to ${topic}`, () => publish(tenant, { topic, type: "test:last", data: {} }), 202);
  for (const [name, person] of Object.entries(everybody)) {
    const topics = ["tenant", "user", "patient:p1", ...(last[name] ? [last[name]] : [])];
    for (const topic of topics) await person.events.next(`the last event of ${topic}`, (event) => event.topic === topic && event.type === "test:last");
    assert.deepEqual(byTopic(person.events.items.map(label)), byTopic([...got[name], ...topics.map((topic) => `${topic} test:last`)]), name);
    for (const topic of topics) {
      const offsets = person.events.items.filter((event) => event.topic === topic).map(({ offset }) => offset);
      assert.deepEqual(offsets, offsets.map((_, at) => position[name][topic] + at + 1), `${topic} of ${name}`);
    }
  }
});

test("A notification acknowledged in one window is acknowledged in the user's other window", async (t) => {
  const clinic = newClinic("windows");
  const [anna, here, there] = await people(t, clinic, "anna", "ben", "ben");
  for (const person of [anna, here, there]) await person.subscribe("user");
  const made = await anna.rest("POST", "/api/tasks", { title: "call back", assignedTo: "ben" });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const news = await there.events.next("notification:new", ({ type }) => type === "notification:new");
  const { id } = news.data;

  assert.match(await refusal(anna.call("AcknowledgeNotification", id)), /not_found/);
  assert.match(await refusal(here.call("AcknowledgeNotification", "never-sent")), /not_found/);
  await here.call("AcknowledgeNotification", id);
  for (const window of [here, there]) {
    const told = await window.events.next("notification:acknowledged", ({ type }) => type === "notification:acknowledged");
    assert.deepEqual({ topic: told.topic, id: told.data.id, by: told.data.by }, { topic: "user", id, by: "ben" });
    const counts = await window.events.next("no more notifications", ({ type, data }) => type === "unread:changed" && data.notifications === 0);
    assert.ok(counts.offset > told.offset);
  }
  const { body } = await there.rest("GET", "/api/notifications?unacknowledged=true");
  assert.deepEqual(body.items, []);

  // A repeat, also from the other window, tells nobody again.
  await there.call("AcknowledgeNotification", id);
  assert.equal((await publish(clinic, { topic: "user:ben", type: "test:last", data: {} })).status, 202);
  for (const window of [here, there]) {
    await window.events.next("the last event", ({ type }) => type === "test:last");
    assert.deepEqual(window.events.items.map(({ type }) => type), ["notification:new", "unread:changed", "notification:acknowledged", "unread:changed", "test:last"]);
  }
  assert.deepEqual(anna.events.items, []);
});
