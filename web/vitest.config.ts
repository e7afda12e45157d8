import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests run the sources: a stale build proves nothing.
    alias: [
      { find: /^@clinic\/realtime$/, replacement: source("./packages/realtime/src/index.ts") },
      { find: /^@clinic\/realtime-react$/, replacement: source("./packages/realtime-react/src/index.ts") },
      { find: /^@clinic\/realtime-react\/query$/, replacement: source("./packages/realtime-react/src/query.ts") },
    ],
  },
  test: {
    include: ["packages/realtime/test/**/*.test.ts", "packages/realtime-react/test/**/*.test.{ts,tsx}"],
    // Fake time is free, a busy machine is not.
    testTimeout: 30_000,
    restoreMocks: true,
    unstubGlobals: true,
    typecheck: { enabled: true, include: ["packages/*/test/**/*.test-d.ts"], tsconfig: "./tsconfig.test.json" },
  },
});
