import { onTestFinished, vi } from "vitest";

/** What this process wrote since `captureOutput`. */
export interface CapturedOutput {
  readonly stdout: () => string;
  readonly stderr: () => string;
}

/** Keeps what is written to stdout and stderr until the test ends; neither is a terminal meanwhile. */
export function captureOutput(): CapturedOutput {
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    const spy = vi.spyOn(process[name], "write").mockImplementation((chunk) => {
      texts[name] += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
      return true;
    });
    const { isTTY } = process[name];
    process[name].isTTY = false;
    onTestFinished(() => {
      spy.mockRestore();
      process[name].isTTY = isTTY;
    });
  }
  return { stdout: () => texts.stdout, stderr: () => texts.stderr };
}
