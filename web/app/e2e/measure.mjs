// What a page takes: the time between its frames, and what it holds when its garbage is collected.

/** From here on a frame counts as dropped. */
export const frameMs = 100;

/**
 * Watches the frames of a page until the function that it answers is called. `frames` are the milliseconds between two of them by the clock on the wall, `own` those of each
 * that the page's thread was given a processor for: on a machine with other things to do a frame may be late though the page did nothing. `tasks` are
 * the thread's, by its processor time.
 */
export async function watchFrames(browser, page) {
  await browser.startTracing(page, { categories: ["toplevel", "blink.user_timing"] });
  await page.evaluate(() => {
    const watched = (globalThis.watched = { frames: [], longTasks: 0, over: false });
    watched.observer = new PerformanceObserver((list) => (watched.longTasks += list.getEntries().length));
    watched.observer.observe({ type: "longtask" });
    performance.mark("clinic-watch");
    const frame = () => {
      watched.frames.push(performance.now());
      if (!watched.over) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  return async () => {
    const { frames, longTasks } = await page.evaluate(() => {
      const { watched } = globalThis;
      watched.over = true;
      watched.observer.disconnect();
      return { frames: watched.frames, longTasks: watched.longTasks };
    });
    const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
    const mark = traceEvents.find(({ name, args }) => name === "clinic-watch" && args.data?.startTime !== undefined);
    const zero = mark.ts / 1_000 - mark.args.data.startTime;
    const tasks = traceEvents
      .filter(({ ph, name, pid, tid }) => ph === "X" && name === "ThreadControllerImpl::RunTask" && pid === mark.pid && tid === mark.tid)
      .map(({ ts, dur, tdur = dur }) => ({ from: ts / 1_000 - zero, to: (ts + dur) / 1_000 - zero, own: tdur / 1_000 }))
      .filter(({ from }) => from >= frames[0])
      .sort((a, b) => a.from - b.from);
    return { ...between(frames, tasks), tasks: tasks.map(({ own }) => own), longTasks };
  };
}

function between(times, tasks) {
  const frames = [];
  const own = [];
  let first = 0;
  for (const [at, to] of times.entries()) {
    if (at === 0) continue;
    const from = times[at - 1];
    while (first < tasks.length && tasks[first].to <= from) first++;
    let used = 0;
    for (let one = first; one < tasks.length && tasks[one].from < to; one++) {
      const task = tasks[one];
      const inside = Math.min(task.to, to) - Math.max(task.from, from);
      used += task.own * (task.to > task.from ? Math.max(0, inside) / (task.to - task.from) : 1);
    }
    frames.push(to - from);
    own.push(used);
  }
  return { frames, own };
}

export function percentile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

/** In words, for a test to print. */
export function inWords(values) {
  return `p50 ${percentile(values, 0.5).toFixed(0)}, p99 ${percentile(values, 0.99).toFixed(0)}, longest ${Math.max(0, ...values).toFixed(0)} ms, ${values.filter((one) => one > frameMs).length} of ${values.length} over ${frameMs} ms`;
}

/** What a page holds after a collection of its garbage. */
export async function held(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  // What one collection frees may hold on to more that only the next one reaches.
  for (let times = 0; times < 3; times++) await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  const value = (name) => metrics.find((one) => one.name === name).value;
  const answer = { listeners: value("JSEventListeners"), nodes: value("Nodes"), heap: value("JSHeapUsedSize"), objects: await objectBytes(session) };
  await session.detach();
  return answer;
}

/**
 * What the page's scripts hold: objects, closures, strings, arrays. The heap as the browser counts it has the code too that it compiles of functions that are used a lot, which goes on
 * growing for hundreds of rounds, and its own timeline of what the page took.
 */
async function objectBytes(session) {
  const parts = [];
  const take = ({ chunk }) => parts.push(chunk);
  session.on("HeapProfiler.addHeapSnapshotChunk", take);
  await session.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  session.off("HeapProfiler.addHeapSnapshotChunk", take);
  const { snapshot: { meta }, nodes } = JSON.parse(parts.join(""));
  const [fields, types] = [meta.node_fields, meta.node_types[0]];
  const [type, size] = [fields.indexOf("type"), fields.indexOf("self_size")];
  const others = new Set(["code", "native", "hidden", "synthetic"]);
  let sum = 0;
  for (let node = 0; node < nodes.length; node += fields.length) {
    if (!others.has(types[nodes[node + type]])) sum += nodes[node + size];
  }
  return sum;
}

/** The heap of a browser's shared worker after a collection: the connection of all tabs lives there. */
export async function workerHeap(browser) {
  const session = await browser.newBrowserCDPSession();
  const { targetInfos } = await session.send("Target.getTargets");
  const workers = targetInfos.filter(({ type }) => type === "shared_worker");
  if (workers.length !== 1) throw new Error(`there are ${workers.length} shared workers`);
  const { sessionId } = await session.send("Target.attachToTarget", { targetId: workers[0].targetId, flatten: false });
  let last = 0;
  const ask = (method) =>
    new Promise((resolve) => {
      const id = ++last;
      const hear = ({ message }) => {
        const answer = JSON.parse(message);
        if (answer.id !== id) return;
        session.off("Target.receivedMessageFromTarget", hear);
        resolve(answer.result);
      };
      session.on("Target.receivedMessageFromTarget", hear);
      void session.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id, method }) });
    });
  for (let times = 0; times < 3; times++) await ask("HeapProfiler.collectGarbage");
  const { usedSize } = await ask("Runtime.getHeapUsage");
  await session.detach();
  return usedSize;
}
