// Adds up the result files of all runners, names what failed, and ends with "N passed, N failed".
// A runner that crashed, failed without a failed test, or ran nothing at all counts as a failure.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const [results, crashedFile, codesFile, ...flags] = process.argv.slice(2);
const filtered = flags.includes("--filtered");
let passed = 0;
let failed = 0;
const failures = [];

const decode = (text) =>
  text
    .replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, "$1")
    .replace(/&#x([0-9a-f]+);/gi, (_, code) => String.fromCodePoint(parseInt(code, 16)))
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&apos;/g, "'")
    .replace(/&amp;/g, "&");

const attribute = (element, name) => decode(new RegExp(`\\s${name}="([^"]*)"`).exec(element)?.[1] ?? "");

const fromTrx = (text) => {
  const seen = { passed: 0, failed: 0 };
  for (const [, head, body = ""] of text.matchAll(/<UnitTestResult\b([^>]*?)(?:\/>|>([\s\S]*?)<\/UnitTestResult>)/g)) {
    const outcome = attribute(head, "outcome");
    if (outcome === "Passed") seen.passed++;
    else if (outcome !== "NotExecuted") {
      seen.failed++;
      const message = decode(/<Message>([\s\S]*?)<\/Message>/.exec(body)?.[1] ?? outcome);
      const where = decode(/<StackTrace>([\s\S]*?)<\/StackTrace>/.exec(body)?.[1] ?? "");
      failures.push({ name: attribute(head, "testName"), detail: `${message}\n${where.split("\n").slice(0, 4).join("\n")}` });
    }
  }
  return seen;
};

const fromJunit = (text) => {
  const seen = { passed: 0, failed: 0 };
  for (const [, head, body = ""] of text.matchAll(/<testcase\b((?:[^>"]|"[^"]*")*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    if (/<skipped\b/.test(body)) continue;
    if (/<failure\b/.test(body)) {
      seen.failed++;
      const detail = decode(/<failure\b[^>]*>([\s\S]*?)<\/failure>/.exec(body)?.[1] ?? "").trim();
      failures.push({ name: attribute(head, "name"), detail });
    } else seen.passed++;
  }
  return seen;
};

const lines = (file) => readFileSync(file, "utf8").split("\n").filter(Boolean);
const failedIn = new Map();

for (const file of readdirSync(results).sort()) {
  if (!/\.(trx|xml)$/.test(file)) continue;
  const runner = basename(file).replace(/\.(trx|xml)$/, "");
  const text = readFileSync(join(results, file), "utf8");
  const seen = file.endsWith(".trx") ? fromTrx(text) : fromJunit(text);
  console.log(`${runner}: ${seen.passed} passed, ${seen.failed} failed`);
  passed += seen.passed;
  failed += seen.failed;
  failedIn.set(runner, seen.failed);
  if (seen.passed + seen.failed === 0 && !filtered) {
    failed++;
    failures.push({ name: runner, detail: "the runner counted no test" });
  }
}

for (const line of lines(crashedFile)) {
  failed++;
  failures.push({ name: line.split(":")[0], detail: line });
}

for (const line of lines(codesFile)) {
  const [runner, code] = line.split(" ");
  if ((failedIn.get(runner) ?? 0) === 0 && !(filtered && !failedIn.has(runner))) {
    failed++;
    failures.push({ name: runner, detail: `the runner ended with code ${code} although no test failed` });
  }
}

if (passed + failed === 0) {
  failed = 1;
  failures.push({ name: "test/run", detail: "no test was run" });
}

for (const { name, detail } of failures) {
  console.log(`\nFAILED ${name}`);
  console.log(detail.trimEnd().split("\n").slice(0, 14).map((line) => `  ${line.trimEnd()}`).join("\n"));
}

console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
