import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { onTestFinished } from "vitest";
import { quoteShell } from "../../src/core/quote-shell.ts";
import { MAIN } from "./plane.ts";

/** Someone at a terminal. */
export interface Person {
  type(keys: string): void;
  /** What has come to the screen, as it came. */
  seen(): string;
  /** The same all on one line, without colours and movements of the cursor. */
  said(): string;
  readonly ended: Promise<{ readonly exitCode?: number | undefined }>;
}

/** Someone at a terminal of util-linux's script, 80 columns wide; these variables are added. */
export function sit(args: readonly string[], added: Readonly<Record<string, string>> = {}): Person {
  const line = ["stty rows 24 cols 80;", "exec", ...[process.execPath, MAIN, ...args].map(quoteShell)].join(
    " ",
  );
  const { CI: _ci, ...env } = { ...process.env, ...added };
  const child = execa("script", ["-qec", line, "/dev/null"], { reject: false, extendEnv: false, env });
  onTestFinished(() => void child.kill("SIGKILL"));
  let seen = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    seen += chunk;
  });
  return {
    type: (keys) => void child.stdin.write(keys),
    seen: () => seen,
    said: () => stripVTControlCharacters(seen).replace(/\s+/g, " "),
    ended: child,
  };
}
