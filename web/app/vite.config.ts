import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compress } from "./compress.mjs";

/** Where `npm run dev` finds a server; the Api serves the built application itself. */
const api = process.env["CLINIC_URL"] ?? "http://127.0.0.1:5080";

export default defineConfig({
  plugins: [react(), compress()],
  // The Api puts a fresh nonce in the place of this with each page: what is styled at run time is allowed by it, and nothing else.
  html: { cspNonce: "__CSP_NONCE__" },
  // Browsers that know light-dark() themselves.
  build: { target: "es2022", cssTarget: ["chrome123", "firefox120", "safari17.5"], assetsInlineLimit: 0, chunkSizeWarningLimit: 800 },
  // Its shared worker is found by an address relative to the module.
  optimizeDeps: { exclude: ["@clinic/realtime"] },
  worker: { format: "es" },
  server: {
    proxy: Object.fromEntries(["/api", "/dev", "/health", "/hubs"].map((path) => [path, { target: api, ws: path === "/hubs" }])),
  },
});
