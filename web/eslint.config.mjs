import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["**/dist/", "**/node_modules/", "packages/"] },
  {
    files: ["app/src/**/*.{ts,tsx}"],
    extends: [js.configs.recommended, tseslint.configs.recommendedTypeChecked, reactHooks.configs.flat["recommended-latest"]],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A handler may be async: what it throws is told where it arises.
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
    },
  },
  {
    files: ["app/e2e/**/*.mjs"],
    extends: [js.configs.recommended],
    languageOptions: { globals: Object.fromEntries(["process", "fetch", "setTimeout", "clearTimeout", "setInterval", "clearInterval", "URL", "performance", "document", "window", "sessionStorage", "addEventListener", "requestAnimationFrame", "requestIdleCallback", "PerformanceObserver", "Event", "OscillatorNode"].map((name) => [name, "readonly"])) },
  },
);
