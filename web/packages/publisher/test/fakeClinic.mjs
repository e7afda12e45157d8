import { createServer } from "node:http";
import { once } from "node:events";

/** An Api of the clinic that misbehaves as a test tells it: `answer` is asked for each call and gives a status, or what to do to the connection. */
export class FakeClinic {
  /** What it has for good, by clinic and topic, with repeats of an id left out, as the real one does. */
  accepted = [];
  /** Every call, also those that were not answered. */
  calls = [];
  answer = () => ({ status: 202 });
  #server = createServer((request, response) => this.#take(request, response));
  #waiting = [];

  static async start(test) {
    const clinic = new FakeClinic();
    clinic.#server.listen(0, "127.0.0.1");
    await once(clinic.#server, "listening");
    test.after(() => clinic.stop());
    return clinic;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Settles when the condition holds; looked at with each call. */
  async until(condition, what) {
    while (!condition()) {
      await Promise.race([
        new Promise((resolve) => this.#waiting.push(resolve)),
        new Promise((_, reject) => setTimeout(() => reject(new Error(`${what}: never came; ${this.calls.length} calls`)), 15_000).unref()),
      ]);
    }
  }

  async #take(request, response) {
    let text = "";
    for await (const chunk of request) text += chunk;
    const body = JSON.parse(text);
    // Node reads header bytes as Latin-1.
    const tenant = Buffer.from(request.headers["x-tenant"], "latin1").toString("utf8");
    const call = { method: request.method, path: request.url, authorization: request.headers.authorization, tenant, body };
    this.calls.push(call);
    const { status, headers = {}, accept = status === 202, hang = false, reset = false } = this.answer(call, this.calls.length);
    const key = (event) => JSON.stringify([event.tenant, event.topic, event.id]);
    const event = { tenant, ...body };
    if (accept && !this.accepted.some((known) => key(known) === key(event))) this.accepted.push(event);
    this.#waiting.splice(0).forEach((resolve) => resolve());
    if (hang) return;
    if (reset) return request.socket.destroy();
    response.writeHead(status, headers).end(status === 202 ? '{"epoch":"e","offset":1}' : "{}");
  }
}
