import { onTestFinished, vi } from "vitest";
import { RealtimeClient, type RealtimeOptions, type TopicListener } from "../src/index.js";
import { FakeHub, makeToken } from "./fakeHub.js";

/** Lets what is under way go on, in no time. */
export const settle = () => vi.advanceTimersByTimeAsync(0);
export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

export function newClient(hub: FakeHub, options: Partial<RealtimeOptions> = {}): RealtimeClient {
  const client = new RealtimeClient({
    url: "https://clinic.test",
    token: () => makeToken(),
    link: hub.factory,
    onError: (error) => {
      throw error;
    },
    ...options,
  });
  onTestFinished(() => client.stop());
  return client;
}

export async function connected(options: Partial<RealtimeOptions> = {}): Promise<{ hub: FakeHub; client: RealtimeClient }> {
  const hub = new FakeHub();
  const client = newClient(hub, options);
  client.start();
  await settle();
  return { hub, client };
}

/** A listener that writes down what it hears, in order. */
export function recorder() {
  const heard: string[] = [];
  const listener: TopicListener = {
    onEvent: ({ data }) => void heard.push(`event ${(data as unknown as { n: number }).n}`),
    onReset: ({ reason }) => void heard.push(`reset ${reason}`),
    onPresence: ({ joins, updates, leaves }) =>
      void heard.push(`presence +${joins.map(({ user }) => user)} ~${updates.map(({ user }) => user)} -${leaves.map(({ user }) => user)}`),
    onSignal: ({ name }) => void heard.push(`signal ${name}`),
  };
  return { heard, listener };
}
