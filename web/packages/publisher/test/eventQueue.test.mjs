import assert from "node:assert/strict";
import { test } from "node:test";
import { EventQueue } from "../dist/eventQueue.js";

const event = (lane, n, bytes = 1) => ({ tenant: "t", topic: `patient:${lane}`, type: "a", id: String(n), body: "", bytes, queuedAt: 0 });

/** A small generator of its own, so that a seed names a run. */
const random = (seed) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

for (let seed = 1; seed <= 50; seed++) {
  test(`events leave each topic in the order they came, one at a time, and never more than the bounds are inside (seed ${seed})`, async () => {
    const next = random(seed);
    const capacity = 1 + Math.floor(next() * 20);
    const maxBytes = 5 + Math.floor(next() * 100);
    const queue = new EventQueue(capacity, maxBytes);
    const inHand = new Map();
    const model = new Map();
    const inside = () => [...model.values()].flat();
    for (let n = 0; n < 400; n++) {
      if (next() < 0.55) {
        const lane = Math.floor(next() * 6);
        const added = event(lane, n, 1 + Math.floor(next() * 9));
        const fits = inside().length < capacity && inside().reduce((sum, e) => sum + e.bytes, 0) + added.bytes <= maxBytes;
        const busy = (model.get(lane)?.length ?? 0) > 0;
        assert.equal(queue.add(added), !fits ? "full" : busy ? "waits" : "starts");
        if (fits) model.set(lane, [...(model.get(lane) ?? []), added]);
        if (fits && !busy) inHand.set(lane, added);
      } else if (inHand.size > 0) {
        const lane = [...inHand.keys()][Math.floor(next() * inHand.size)];
        const following = queue.next(inHand.get(lane));
        model.get(lane).shift();
        assert.equal(following, model.get(lane)[0]);
        if (following) inHand.set(lane, following);
        else inHand.delete(lane);
      }
      assert.equal(queue.length, inside().length);
    }
    const emptied = queue.close();
    assert.equal(queue.add(event(0, -1)), "closed");
    for (const [, first] of inHand) for (let e = first; e; e = queue.next(e));
    await emptied;
    assert.equal(queue.length, 0);
  });
}

test("two clinics' topics of one name are two lanes", () => {
  const queue = new EventQueue(10, 100);
  assert.equal(queue.add({ ...event(1, 1), tenant: "a" }), "starts");
  assert.equal(queue.add({ ...event(1, 2), tenant: "b" }), "starts");
  assert.equal(queue.add({ ...event(1, 3), tenant: "a" }), "waits");
});
