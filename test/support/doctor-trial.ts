import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { expect } from "vitest";
import { MAIN, type TestPlane } from "./plane.ts";
import { readStatus } from "./status.ts";
import { readTold } from "./told.ts";

/** How long a fault may take to show on a busy machine; on a quiet one it is told within 3 s. */
export const TOLD_MS = 20_000;

/** How long it may take until all is well again. */
export const RECOVERY_MS = 60_000;

/** What tests look at of a finding of doctor. */
export interface SeenFinding {
  readonly name: string;
  readonly severity: string;
  readonly what: string;
  readonly why: string;
  readonly fix: string;
  readonly logLine?: string;
}

/** For a file of tests: the faults of a plane as doctor, status and ps tell them. */
export function createDoctorTrial(plane: () => TestPlane) {
  const manifestPath = (name: string): string => plane().path(`etc/kubernetes/manifests/${name}.yaml`);
  const findErrors = async (): Promise<readonly SeenFinding[]> =>
    parseErrors((await plane().slipway("doctor", "-o", "json")).stdout);
  const recover = (): Promise<void> =>
    expect
      .poll(() => readStatus(plane()).then(({ healthy }) => healthy), { timeout: RECOVERY_MS })
      .toBe(true);
  return {
    manifestPath,
    /** The errors that doctor finds. */
    findErrors,
    /** Doctor under another program, such as one that sets limits. */
    findUnder: async (program: string, ...args: readonly string[]): Promise<string> => {
      const doctor = [process.execPath, MAIN, "doctor", "--root", plane().root];
      return (await execa(program, [...args, ...doctor], { reject: false })).stdout;
    },
    /** Until all is well again. */
    recover,
    /** Runs with a manifest changed, and waits afterwards until all is well again. */
    withManifest: async (
      name: string,
      { edit, work }: { readonly edit: (text: string) => string; readonly work: () => Promise<void> },
    ): Promise<void> => {
      const before = await readFile(manifestPath(name), "utf8");
      await writeFile(manifestPath(name), edit(before));
      try {
        await work();
      } finally {
        await writeFile(manifestPath(name), before);
        await recover();
      }
    },
    /** What doctor, status and ps all say, and with them how the component ended, the line of its log and the fix. */
    expectTold: async (
      name: string,
      wanted: Readonly<Record<"end" | "line" | "why" | "fix", RegExp>>,
    ): Promise<void> => {
      await expect
        .poll(async () => (await readTold(plane(), name)).doctor?.why ?? "", {
          timeout: TOLD_MS,
          interval: 100,
        })
        .toMatch(wanted.why);
      const told = Object.fromEntries(
        Object.entries(wanted).map(([field, pattern]) => [field, expect.stringMatching(pattern)]),
      );
      // While the next run lasts they say so, and each is asked at its own moment.
      await expect
        .poll(() => readTold(plane(), name), { timeout: 15_000 })
        .toEqual({ status: told, ps: told, doctor: told });
    },
    /** What doctor and status say while a process of this name and with these arguments lives. */
    expectSecondTold: async (name: string, ...args: readonly string[]): Promise<void> => {
      // A true one would start every pod a second time: what counts is the command line.
      const code = "setInterval(() => {}, 1000)";
      const second = spawn(process.execPath, ["-e", code, "--", ...args], { argv0: name });
      const told = `${name} (pid ${second.pid}) already runs`;
      try {
        await expect
          .poll(() => findErrors().then((errors) => errors.map(({ what }) => what)))
          .toEqual([expect.stringContaining(`${told} the static pods`)]);
        const { exitCode, stdout } = await plane().slipway("status");
        expect([exitCode, stdout]).toEqual([1, expect.stringContaining(`second runner ${told}`)]);
      } finally {
        second.kill("SIGKILL");
      }
    },
  };
}

/** The errors that doctor told with `-o json`. */
export function parseErrors(stdout: string): readonly SeenFinding[] {
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly SeenFinding[] };
  return findings.filter(({ severity }) => severity === "error");
}
