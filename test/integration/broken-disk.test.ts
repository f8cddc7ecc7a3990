import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mountSmallDisk, type SmallDisk } from "../support/faults/disks.ts";
import {
  buildFaultyProgram,
  type FaultPlane,
  type FaultyProgram,
  listSteps,
  prepareFaultPlane,
} from "../support/faults/fault-plane.ts";
import type { Outcome } from "../support/plane.ts";
import { prepareStandalone } from "../support/standalone.ts";

const isWrite = (step: string): boolean => /^(?:certs|kubeconfig|manifest|kubelet)\/|^runner-/.test(step);
const STEPS = (await listSteps()).map(({ id }) => id);
const WRITES = ["ledger", ...STEPS.filter(isWrite)];
// The ledger's own directory is there with the ledger.
const MAKES = STEPS.filter((step) => step.startsWith("dir:") && step !== "dir:ROOT/var/lib/slipway");

/** One of each kind: after the others it would be no other way. */
const GO_ON = [
  "ledger",
  "certs/ca",
  "kubeconfig/admin",
  "manifest/kube-apiserver",
  "dir:ROOT/etc/kubernetes",
];

const SLEEPER = `apiVersion: v1
kind: Pod
metadata: { name: web }
spec: { containers: [{ name: main, image: busybox, command: [sleep, "600"] }] }
`;

let program: FaultyProgram;

beforeAll(async () => {
  program = await buildFaultyProgram();
});
afterAll(() => program.remove());

async function onSmallDisk(work: (plane: FaultPlane, disk: SmallDisk) => Promise<void>): Promise<void> {
  let disk: SmallDisk | undefined;
  const plane = await prepareFaultPlane(program, {
    components: program.components,
    initArgs: ["--ignore-preflight-errors=all"],
    prepare: async ({ root }) => {
      disk = await mountSmallDisk(root);
    },
  });
  if (disk === undefined) throw new Error("there is no disk");
  try {
    await work(plane, disk);
  } finally {
    await disk.allowWritesAgain();
    await disk.free();
    await plane.slipway("reset", "--force");
    await disk.unmount();
    await plane.destroy();
  }
}

function expectRefused(
  { exitCode, stderr }: Outcome,
  wanted: { readonly code: string; readonly why: RegExp; readonly fix: RegExp; readonly root: string },
): void {
  expect(stderr).toMatch(new RegExp(`^error: cannot \\w+ .*${wanted.root}`, "m"));
  expect(stderr).toMatch(new RegExp(`^ {2}why: ${wanted.why.source}$`, "m"));
  expect(stderr).toMatch(new RegExp(`^ {2}fix: .*${wanted.fix.source}`, "m"));
  expect(stderr).toContain(`  code: ${wanted.code}`);
  expect(exitCode).toBe(1);
}

describe.runIf(process.getuid?.() === 0).concurrent("a disk", () => {
  /** In the midst of these a pair is half there, or a file half written. */
  const midst = ["certs/apiserver", "certs/sa", "kubeconfig/admin"].map((step) => ({
    moment: "in" as const,
    step,
    goOn: true,
  }));
  const before = (step: string) => ({ moment: "before" as const, step, goOn: GO_ON.includes(step) });

  test.each([...WRITES.map(before), ...midst])(
    "that is full $moment $step is told (then init goes on when there is room: $goOn), and reset needs none",
    ({ moment, step, goOn }) =>
      onSmallDisk(async (plane, disk) => {
        expectRefused(await plane.runWith({ moment, step, command: disk.fill }, "init"), {
          code: "SLIPWAY_NO_SPACE",
          why: /no space is left on the device/,
          fix: /free some space/,
          root: plane.root,
        });
        if (goOn) {
          await disk.free();
          await plane.bringUp();
          await execa("sh", ["-c", disk.fill], { reject: false });
        }
        await plane.undo();
      }),
  );

  test.each([...[...WRITES, ...MAKES].map(before), ...midst])(
    "that becomes read-only $moment $step is told (then init goes on: $goOn)",
    ({ moment, step, goOn }) =>
      onSmallDisk(async (plane, disk) => {
        expectRefused(await plane.runWith({ moment, step, command: disk.forbidWrites }, "init"), {
          code: "SLIPWAY_FILE_ACCESS",
          why: /the file system is read-only/,
          fix: /remount,rw/,
          root: plane.root,
        });
        await disk.allowWritesAgain();
        if (goOn) await plane.bringUp();
        await plane.undo();
      }),
  );

  test("that is full or read-only when a pod is to start is told with its directory; the pod starts when it can", async ({
    expect,
  }) => {
    const alone = await prepareStandalone();
    const disk = await mountSmallDisk(alone.root);
    try {
      alone.run("--pod-manifest-path=manifests");
      await expect.poll(() => alone.slipway("ps").then(({ exitCode }) => exitCode)).toBe(0);
      await execa("sh", ["-c", disk.fill], { reject: false });
      await alone.write("manifests/web.yaml", SLEEPER);
      const failures = () => alone.ps().then((answer) => answer.failures);
      await expect.poll(failures).toMatchObject([
        {
          cause: expect.stringContaining(`no space is left on the device at ${alone.root}/var/lib/slipway`),
          fix: expect.stringContaining(`free some space there (df -h ${alone.root}/var/lib/slipway`),
        },
      ]);
      await disk.free();
      await expect.poll(alone.pods, { timeout: 30_000 }).toEqual([expect.stringContaining(" Running ")]);
      const [pid = ""] = (await alone.pods()).map((pod) => pod.split(" ").at(-1));
      await execa("sh", ["-c", disk.forbidWrites]);
      process.kill(Number(pid), "SIGKILL");
      await expect
        .poll(failures)
        .toMatchObject([
          { cause: expect.stringContaining(`read-only file system, mkdir '${alone.root}/var/lib/slipway`) },
        ]);
      await disk.allowWritesAgain();
      await expect.poll(alone.pods).toEqual([expect.stringMatching(` Running (?!${pid}$)`)]);
    } finally {
      await disk.allowWritesAgain();
      await disk.free();
      await alone.slipway("runner", "stop", "--pods");
      await alone.kill();
      await disk.unmount();
      await alone.destroy();
    }
  });

  test("that becomes read-only while reset is at work makes it say what is left; the next one goes on", () =>
    onSmallDisk(async (plane, disk) => {
      await plane.bringUp();
      const outcome = await plane.runWith(
        { moment: "after", step: "stop", command: disk.forbidWrites },
        "reset",
      );
      expect(outcome.stderr).toContain("  code: SLIPWAY_RESET_INCOMPLETE");
      expect(outcome.stderr).toContain("the file system is read-only");
      expect(outcome.exitCode).toBe(1);
      await disk.allowWritesAgain();
      await plane.undo();
    }));
});
