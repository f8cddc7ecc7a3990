import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";

const SCRIPT = join(import.meta.dirname, "../support/judge-audit.mjs");

async function judge(answer: string): Promise<readonly [number | undefined, string]> {
  const { exitCode, stdout } = await execa(process.execPath, [SCRIPT], { input: answer, reject: false });
  return [exitCode, stdout];
}

// As npm 10 answers.
const CLEAN = { auditReportVersion: 2, vulnerabilities: {}, metadata: { vulnerabilities: { total: 0 } } };
const BAD = { name: "bad", severity: "low", range: "<1.2.3", via: [], effects: [], nodes: [] };

test("an advisory fails, and is named with its package", async () => {
  const answer = { ...CLEAN, vulnerabilities: { bad: BAD }, metadata: { vulnerabilities: { total: 1 } } };
  expect(await judge(JSON.stringify(answer))).toEqual([1, "bad <1.2.3: low; see: npm audit"]);
});

test("without an advisory all is well", async () => {
  expect(await judge(JSON.stringify(CLEAN))).toEqual([0, "no advisory"]);
});

test.each([
  '{ "message": "405 Method Not Allowed - POST", "method": "POST", "statusCode": 405, "error": {} }',
  "<html>no</html>",
  "null",
  "",
])("a registry that does not answer the question fails nothing: %j", async (answer) => {
  expect(await judge(answer)).toEqual([0, "not answered"]);
});
