import { expect, test } from "vitest";
import { SlipwayError } from "../../../src/core/errors.ts";
import { applyIgnore, raisePreflight } from "../../../src/preflight/apply-ignore.ts";
import type { Finding } from "../../../src/preflight/types.ts";

const FINDINGS: readonly Finding[] = [
  { name: "NumCPU", severity: "error", what: "one CPU", why: "two are needed", fix: "add one" },
  { name: "Port-6443", severity: "error", what: "no port", why: "held", fix: "free it" },
  { name: "Swap", severity: "warning", what: "swap", why: "on", fix: "swapoff" },
];

test("an ignored error becomes a warning, whatever the case of its name", () => {
  const severities = applyIgnore({ findings: FINDINGS, ignore: ["numcpu"] }).map(({ severity }) => severity);
  expect(severities).toEqual(["warning", "error", "warning"]);
});

test("all ignores every error", () => {
  const findings = applyIgnore({ findings: FINDINGS, ignore: ["ALL"] });
  expect(() => raisePreflight(findings)).not.toThrow();
});

test("errors are raised together, warnings are not among them", () => {
  let raised: unknown;
  try {
    raisePreflight(FINDINGS);
  } catch (error) {
    raised = error;
  }
  expect(raised).toBeInstanceOf(SlipwayError);
  expect(raised).toMatchObject({
    code: "SLIPWAY_PREFLIGHT",
    why: "2 checks failed",
    fix: "mend what is listed",
    details: ["[NumCPU] one CPU: two are needed; fix: add one", "[Port-6443] no port: held; fix: free it"],
  });
});

test("going on regardless is offered, but not without a port", () => {
  const errors = FINDINGS.filter(({ name }) => !name.startsWith("Port-"));
  expect(() => raisePreflight(errors)).toThrow(
    expect.objectContaining({
      fix: expect.stringContaining("go on regardless: --ignore-preflight-errors=NumCPU"),
    }),
  );
});
