// The real Api as a process: started, killed without warning, and started again on the same port and database.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const serviceKey = "key-of-the-live-tests";

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => new Promise<ReturnType<typeof createServer>>((resolve) => {
      const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
    })),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export class LiveApi {
  #process: ChildProcess | null = null;
  #output = "";

  private constructor(
    readonly dll: string,
    readonly folder: string,
    readonly ports: readonly number[],
  ) {}

  static async start(dll: string): Promise<LiveApi> {
    const api = new LiveApi(dll, mkdtempSync(join(tmpdir(), "clinic-live-")), await freePorts(4));
    await api.start();
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${this.ports[0]}`;
  }

  async start(): Promise<void> {
    const [, silo, gateway, http] = this.ports;
    const child = spawn("dotnet", [this.dll], {
      cwd: dirname(this.dll),
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        ASPNETCORE_URLS: this.url,
        ASPNETCORE_ENVIRONMENT: "Development",
        ConnectionStrings__Clinic: `Data Source=${join(this.folder, "clinic.db")}`,
        Auth__ServiceKeys__0: serviceKey,
        Demo__Seed: "false",
        Silo__Port: String(silo),
        Silo__GatewayPort: String(gateway),
        Silo__HttpPort: String(http),
      },
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data: Buffer) => (this.#output = (this.#output + data).slice(-4_000)));
    const until = Date.now() + 60_000;
    while (Date.now() < until && child.exitCode === null) {
      const ready = await fetch(`${this.url}/health/ready`).then(({ ok }) => ok, () => false);
      if (ready) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`the Api did not become ready:\n${this.#output}`);
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async token(tenant: string, user: string, { roles = ["nurse"], expiresInSeconds }: { roles?: string[]; expiresInSeconds?: number } = {}): Promise<string> {
    const answer = await fetch(`${this.url}/dev/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ tenant, user, name: user, roles, expiresInSeconds }),
    });
    return ((await answer.json()) as { token: string }).token;
  }

  /** Publishes an event of this id until it is acknowledged, however often that takes. */
  async publish(tenant: string, topic: string, id: string, data: unknown): Promise<void> {
    const until = Date.now() + 60_000;
    for (;;) {
      const status = await fetch(`${this.url}/api/events`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `ServiceKey ${serviceKey}`, "x-tenant": tenant },
        body: JSON.stringify({ topic, type: "vitals:updated", id, data }),
      }).then(({ status: code }) => code, () => 0);
      if (status === 202) return;
      if (Date.now() > until || (status !== 0 && status < 500)) throw new Error(`event ${id} was answered ${status}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
