// The real Api as a process of the test's own: its own ports, its own data folder, killed and started again as a test likes.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const assembly = process.env.CLINIC_API ?? join(root, "src/Api/bin/Release/net10.0/Clinic.Api.dll");

export const serviceKey = "key-of-the-browser-tests";

async function freePort() {
  const listener = createServer().listen(0, "127.0.0.1");
  await new Promise((listening) => listener.once("listening", listening));
  const { port } = listener.address();
  await new Promise((closed) => listener.close(closed));
  return port;
}

/** A promise's outcome, or an error that names what never came. */
export async function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`${what} did not come within ${ms} ms`)), ms)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export class Server {
  #folder = mkdtempSync(join(tmpdir(), "clinic-browser-"));
  #environment;
  #process = null;
  #log = "";
  /** The day whose appointments the sample clinics have, `YYYY-MM-DD`: tests name it, since another may begin while they run. */
  day = null;

  static async start(settings = {}) {
    const server = new Server();
    if (!existsSync(join(dirname(assembly), "wwwroot/index.html"))) throw new Error(`there is no application beside ${assembly}; dotnet build src/Api -c Release -t:WebApp`);
    const [http, silo, gateway, siloHttp] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
    server.url = `http://127.0.0.1:${http}`;
    server.#environment = {
      ASPNETCORE_URLS: server.url,
      ASPNETCORE_ENVIRONMENT: "Development",
      ConnectionStrings__Clinic: `Data Source=${join(server.#folder, "clinic.db")}`,
      Auth__ServiceKeys__0: serviceKey,
      Silo__Port: silo,
      Silo__GatewayPort: gateway,
      Silo__HttpPort: siloHttp,
      ...settings,
    };
    await server.run();
    return server;
  }

  /** Starts the process and waits until it is ready, and the sample clinics are there. */
  async run() {
    const child = spawn("dotnet", [assembly], { env: { ...process.env, ...this.#environment }, cwd: this.#folder, stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    child.stdout.on("data", (text) => (this.#log += text));
    child.stderr.on("data", (text) => (this.#log += text));
    const ended = new Promise((_, reject) => child.once("exit", (code) => reject(new Error(`the Api ended with ${code}\n${this.#log.slice(-4_000)}`))));
    ended.catch(() => undefined);
    await within(60_000, "a ready Api", Promise.race([ended, this.#ready()]));
  }

  async #ready() {
    for (;;) {
      try {
        if ((await fetch(`${this.url}/health/ready`)).ok && (await this.#hasDay())) return;
      } catch {
        // Not yet; there is nothing to wait for but the next try.
      }
      await new Promise((next) => setTimeout(next, 100));
    }
  }

  /** Written today, or at the end of the day before. */
  async #hasDay() {
    for (const at of [Date.now(), Date.now() - 86_400_000]) {
      const day = this.day ?? new Date(at).toISOString().slice(0, 10);
      if ((await this.ask("GET", `/api/appointments?date=${day}`)).items.length === 0) continue;
      this.day = day;
      return true;
    }
    return false;
  }

  /** SIGKILL: as if the machine lost its power. */
  async kill() {
    await this.#end("SIGKILL");
  }

  async stop() {
    await this.#end("SIGTERM");
  }

  async #end(signal) {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((exit) => child.once("exit", exit));
    child.kill(signal);
    await within(30_000, "the Api's end", exited);
  }

  /** Ends it and takes its data away. */
  async dispose() {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async token(user, { tenant = "demo-north", name = user, roles = ["staff"], ...rest } = {}) {
    const answer = await fetch(`${this.url}/dev/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ tenant, user, name, roles, ...rest }),
    });
    if (!answer.ok) throw new Error(`no token: ${answer.status} ${await answer.text()}`);
    return (await answer.json()).token;
  }

  /** Publishes as a backend of the clinic does. */
  async publish(event, { tenant = "demo-north", user = "desk-1" } = {}) {
    const answer = await fetch(`${this.url}/api/events`, {
      method: "POST",
      headers: { authorization: `ServiceKey ${serviceKey}`, "x-tenant": tenant, "x-user": user, "content-type": "application/json" },
      body: JSON.stringify(event),
    });
    if (!answer.ok) throw new Error(`publishing ${event.type} to ${event.topic}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** A REST call in somebody's name. */
  async ask(method, path, body, user = "desk-1", options = {}) {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.token(user, options)}`, ...(body && { "content-type": "application/json" }), ...options.headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? undefined : answer.json();
  }
}
