import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createPlainProgress } from "../../../../src/cli/terminal/progress-plain.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("each step that is worth it is one line with its phase", async () => {
  const lines: string[] = [];
  const progress = createPlainProgress(({ phase, message }) => lines.push(`[${phase}] ${message}`));
  progress.done("certs", "make ca.crt");
  progress.done("certs", undefined);
  await progress.end(true);
  expect(lines).toEqual(["[certs] make ca.crt"]);
});

test("a wait is told after three seconds and then every ten, not at its start", () => {
  const lines: string[] = [];
  const progress = createPlainProgress(({ phase, message }) => lines.push(`[${phase}] ${message}`));
  for (let second = 0; second <= 25; second += 1) {
    progress.waiting("wait", `second ${second}`);
    vi.advanceTimersByTime(1000);
  }
  expect(lines).toEqual([3, 13, 23].map((second) => `[wait] waiting: second ${second}`));
});
