import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { PsAnswer } from "../../src/commands/view/ps.ts";
import { processesNaming } from "./machine.ts";
import { MAIN, type Outcome, runSlipway, succeed } from "./plane.ts";

/** A runner without a control plane, under a temp directory. */
export interface Standalone {
  readonly dir: string;
  readonly root: string;
  /** What the runner has said so far. */
  log(): string;
  /** Runs `slipway … --root ROOT`. */
  slipway(...args: readonly string[]): Promise<Outcome>;
  ps(): Promise<PsAnswer>;
  /** `name state pid` of each pod, by name. */
  pods(): Promise<readonly string[]>;
  /** Writes a manifest below the temp directory. */
  write(name: string, text: string): Promise<void>;
  /** The text of a file below the temp directory. */
  read(name: string): Promise<string>;
  /** Runs `slipway runner run --root ROOT …`, once more after it was killed. */
  run(...args: readonly string[]): void;
  /** Kills the runner with SIGKILL; its pods go on. */
  kill(): Promise<void>;
  /** Ends runner and pods, and removes the temp directory. Rejects when a process is left. */
  destroy(): Promise<void>;
}

/** A place for a runner; it belongs to `uid` when that is given. */
export async function prepareStandalone(options: { readonly uid?: number } = {}): Promise<Standalone> {
  const dir = await mkdtemp(join(tmpdir(), "slipway-alone-"));
  const root = join(dir, "root");
  await mkdir(join(dir, "manifests"));
  await chmod(dir, 0o755);
  const { uid } = options;
  if (uid !== undefined) await chown(dir, uid, uid);
  const slipway = (...args: readonly string[]): Promise<Outcome> =>
    runSlipway([...args, "--root", root], options);
  const ps = async (): Promise<PsAnswer> =>
    JSON.parse(succeed(await slipway("ps", "-o", "json"))) as PsAnswer;
  let log = "";
  let runner: ReturnType<typeof start> | undefined;
  const start = (args: readonly string[]) => {
    const child = execa(process.execPath, [MAIN, "runner", "run", "--root", root, ...args], {
      cwd: dir,
      reject: false,
      extendEnv: false,
      env: { PATH: process.env["PATH"] },
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    child.stderr.on("data", (chunk: Buffer) => {
      log += chunk.toString("utf8");
    });
    return child;
  };
  return {
    dir,
    root,
    log: () => log,
    slipway,
    ps,
    pods: async () => (await ps()).items.map(describePod).sort(),
    write: (name, text) => writeFile(join(dir, name), text),
    read: (name) => readFile(join(dir, name), "utf8"),
    run: (...args) => {
      runner = start(args);
    },
    kill: async () => {
      runner?.kill("SIGKILL");
      await runner;
    },
    destroy: async () => {
      await slipway("runner", "stop", "--pods");
      runner?.kill("SIGTERM");
      await runner;
      const left = processesNaming(dir);
      for (const { pid } of left) process.kill(pid, "SIGKILL");
      await rm(dir, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`left: ${left.map(({ args }) => args.join(" ")).join("; ")}`);
    },
  };
}

function describePod({ pod, containers, terminating }: PsAnswer["items"][number]): string {
  const pids = containers.map(({ pid }) => pid).join(",");
  return `${pod.metadata.name} ${terminating ? "Terminating" : pod.status?.phase} ${pids}`;
}
