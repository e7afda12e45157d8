// What the packages cost a page, compressed. Fails when one is over its budget.
import { build } from "esbuild";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const own = (name) => fileURLToPath(new URL(`packages/${name}`, import.meta.url));
const budgets = [
  { name: "@clinic/realtime", entry: own("realtime/dist/index.js"), external: ["@microsoft/signalr"], most: 9 },
  { name: "@clinic/realtime with SignalR", entry: own("realtime/dist/index.js"), external: [], most: 24 },
  { name: "@clinic/realtime/shared", entry: own("realtime/dist/shared.js"), external: [], most: 3 },
  { name: "@clinic/realtime/shared-worker with SignalR", entry: own("realtime/dist/sharedWorker.js"), external: [], most: 24 },
  { name: "@clinic/realtime-react", entry: own("realtime-react/dist/index.js"), external: ["react", "react/jsx-runtime", "@clinic/realtime"], most: 3 },
  { name: "@clinic/realtime-react/query", entry: own("realtime-react/dist/query.js"), external: ["react", "@tanstack/react-query", "@clinic/realtime"], most: 2 },
];

for (const { name, entry, external, most } of budgets) {
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, minify: true, format: "esm", platform: "browser", target: "es2022", write: false, external, logLevel: "error" });
  const kilobytes = gzipSync(outputFiles[0].contents, { level: 9 }).length / 1024;
  const over = kilobytes > most;
  console.log(`${over ? "OVER BUDGET " : ""}${name}: ${kilobytes.toFixed(1)} KB of ${most} KB`);
  if (over) process.exitCode = 1;
}
