import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endRunner } from "../../../src/apply/end-runner.ts";
import { findRunners } from "../../../src/apply/find-runners.ts";
import { buildPaths } from "../../../src/core/paths.ts";
import { advanceUntilDone } from "../../support/fake-clock.ts";
import { buildRunnerInfo, createRunnerNet } from "../../support/fake-runner.ts";
import { createFakeSystem, type FakeSystem, systemError } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const ROOT = "/r";
const paths = buildPaths({ root: ROOT, uid: 0 });

const BOOT = { "proc/sys/kernel/random/boot_id": "b0000000-0000-4000-8000-000000000000\n" };

function processFiles(pid: number, argv: readonly string[]): Record<string, string> {
  const stat = `${pid} (node) S ${Array.from({ length: 18 }, () => "0").join(" ")} 77 0`;
  return { [`proc/${pid}/cmdline`]: `${argv.join("\0")}\0`, [`proc/${pid}/stat`]: stat };
}

/** A machine with one runner that ends at one of the signals; what is sent to it is noted. */
function machineWith(endsAt: string): { readonly system: FakeSystem; readonly sent: string[] } {
  const argv = ["node", "/opt/dist/main.cjs", "runner", "run", "--root", ROOT];
  const rootDir = createTempTree({ ...BOOT, ...processFiles(10, argv) });
  const sent: string[] = [];
  const kill = (pid: number, signal: NodeJS.Signals | 0): boolean => {
    sent.push(`${signal} ${pid}`);
    if (signal === endsAt) rmSync(join(rootDir, `proc/${pid}`), { recursive: true });
    return true;
  };
  return { system: createFakeSystem({ rootDir, host: { kill } }), sent };
}

test.each([
  ["SIGTERM", ["SIGTERM 10"]],
  ["SIGCONT", ["SIGTERM 10", "SIGCONT 10"]],
  ["SIGKILL", ["SIGTERM 10", "SIGCONT 10", "SIGKILL 10"]],
])("a runner that does not answer and ends at %s is ended so", async (endsAt, expected) => {
  const { system, sent } = machineWith(endsAt);
  const ended = endRunner(system, { paths, pods: false });
  await advanceUntilDone(system.clock, { done: ended, stepMs: 500 });
  expect(await ended).toBe("signalled");
  expect(sent).toEqual(expected);
});

test("a runner that answers is asked", async () => {
  const posts: string[] = [];
  const net = createRunnerNet({ info: buildRunnerInfo(ROOT), posts });
  const system = createFakeSystem({ rootDir: createTempTree({ ...BOOT, "proc/": "dir/" }), net });
  expect(await endRunner(system, { paths, pods: false })).toBe("asked");
  expect(posts).toEqual(["/v1/stop"]);
});

test("where no runner is, none is ended", async () => {
  const system = createFakeSystem({ rootDir: createTempTree(BOOT) });
  expect(await endRunner(system, { paths, pods: false })).toBe("none");
});

test("a runner of another user is told, not a bug", async () => {
  const { system } = machineWith("");
  const kill = (): boolean => {
    throw systemError("EPERM");
  };
  const ended = endRunner({ ...system, host: { ...system.host, kill } }, { paths, pods: false });
  await expect(ended).rejects.toMatchObject({ code: "SLIPWAY_RUNNER_RUNNING", why: "it is another user's" });
});

test("only a command line that is a runner of the root counts, whatever else it is told", async () => {
  const lines: readonly (readonly string[])[] = [
    ["slipway", "runner", "run", "--root", ROOT],
    ["/usr/bin/node", "--enable-source-maps", "/opt/main.js", "runner", "run", `--root=${ROOT}`],
    ["node", "/opt/main.js", "runner", "run", "--root", "/r2"],
    ["node", "/opt/main.js", "runner", "run"],
    ["sudo", "slipway", "runner", "run", "--root", ROOT],
    ["tail", "-f", "main.js", "runner", "run", "--root", ROOT],
    ["sh", "-c", `slipway runner run --root ${ROOT}`],
    ["node", "/opt/other.js", "runner", "run", "--root", ROOT],
    ["node", "/opt/main.js", "runner", "run", "--pod-manifest-path=/m", "--root", ROOT, "--max-pods", "3"],
  ];
  const files = lines.map((argv, index) => processFiles(index + 1, argv));
  const system = createFakeSystem({ rootDir: createTempTree(Object.assign({}, ...files)) });
  expect(await findRunners(system, ROOT)).toEqual([1, 2, 9]);
  expect(await findRunners(system, "/")).toEqual([4]);
});

test("of other users' runners those count that belong to the owner of the root", async () => {
  const rootDir = createTempTree({
    ...processFiles(1, ["slipway", "runner", "run", "--root", ROOT]),
    [ROOT]: "dir/",
  });
  const { fs } = createFakeSystem({ rootDir });
  const ownedBy = (rootUid: number): FakeSystem =>
    createFakeSystem({
      rootDir,
      fs: {
        stat: async (path) => {
          const status = await fs.stat(path);
          return status && { ...status, uid: path === ROOT ? rootUid : 1000 };
        },
      },
    });
  expect(await findRunners(ownedBy(1000), ROOT)).toEqual([1]);
  expect(await findRunners(ownedBy(0), ROOT)).toEqual([]);
});
