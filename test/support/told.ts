import { readFile } from "node:fs/promises";
import type { DiagnosisAnswer } from "../../src/commands/doctor/doctor.ts";
import type { PsAnswer } from "../../src/commands/view/ps.ts";
import type { StatusAnswer } from "../../src/commands/view/status.ts";
import type { Outcome, TestPlane } from "./plane.ts";

/** What a command says of a component that fails. */
export interface Told {
  /** How it ended: exit code or signal. */
  readonly end: string;
  /** The line of its log that matters. */
  readonly line: string | undefined;
  readonly why: string;
  readonly fix: string;
}

/** What `status`, `ps` and `doctor` say of a component, each asked once; undefined: nothing. */
export async function readTold(
  plane: TestPlane,
  component: string,
): Promise<Readonly<Record<"status" | "ps" | "doctor", Told | undefined>>> {
  // The program's own answers, whose form unit tests hold.
  const ask = async <T>(command: string): Promise<T> =>
    JSON.parse((await plane.slipway(command, "-o", "json")).stdout) as T;
  const [status, ps, doctor] = await Promise.all([
    ask<StatusAnswer>("status"),
    ask<PsAnswer>("ps"),
    ask<DiagnosisAnswer>("doctor"),
  ]);
  const problem = status.components.find(({ name }) => name === component)?.problem;
  const failure = ps.failures.find(({ container }) => container === component);
  const finding = doctor.findings.find(({ name }) => name === `Component-${component}`);
  return {
    status: problem && tell(problem.summary, { ...problem, why: problem.cause }),
    ps: failure && tell(failure.summary, { ...failure, why: failure.cause }),
    doctor: finding && tell(finding.what.replace(`${component}: `, ""), finding),
  };
}

/** While it is tried again, what the run before died of is told in other words, given here as between two runs. */
function tell(
  end: string,
  {
    why,
    fix,
    logLine,
  }: { readonly why: string; readonly fix: string; readonly logLine?: string | undefined },
): Told {
  const again = /^runs again after (.*)$/.exec(end)?.[1];
  if (again === undefined) return { end, line: logLine, why, fix };
  const cause = why.replace(/^it runs since \S+ and is not ready yet; the run before: /, "");
  return { end: `ended with ${again}`, line: logLine, why: cause, fix };
}

/** What an init that was run with `-o json` says of the component that it failed for. */
export function readRefusal({ stderr }: Outcome, component: string): Told & { readonly code: string } {
  const last = stderr.trimEnd().split("\n").at(-1) ?? "";
  const { code, what, why, fix, details } = JSON.parse(last) as {
    readonly [field in "code" | "what" | "why" | "fix"]: string;
  } & { readonly details: readonly string[] };
  const told = new RegExp(`^${component} (?:does not run: |runs, but )(.*)$`).exec(what);
  if (told === null) throw new Error(`init failed for something else: ${last}`);
  return { code, ...tell(told[1] ?? "", { why, fix, logLine: details[0] }) };
}

/** When the runner first saw the component end, or could not start it; undefined: it has not. */
export async function readFirstEndMs(plane: TestPlane, component: string): Promise<number | undefined> {
  const log = await readFile(plane.path("var/log/slipway/runner.log"), "utf8");
  const line = log
    .split("\n")
    .find(
      (text) => /container (?:ended|cannot start) /.test(text) && text.includes(`container=${component}`),
    );
  return line === undefined ? undefined : Date.parse(line.split(" ")[0] ?? "");
}

/** When the first line that matches came into the log of the component's present run. */
export async function readFirstLineMs(plane: TestPlane, component: string, line: RegExp): Promise<number> {
  const { stdout } = await plane.slipway("logs", component, "--timestamps");
  const first = stdout.split("\n").find((text) => line.test(text)) ?? "";
  return Date.parse(first.split(" ")[0] ?? "");
}
