import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { applyPlan, type StepEvent } from "../../../src/apply/apply-plan.ts";
import { SlipwayError } from "../../../src/core/errors.ts";
import type { Plan, Step } from "../../../src/plan/types.ts";
import type { FileSystem } from "../../../src/system/file-system.ts";
import { sampleApplyContext } from "../../support/apply-context.ts";
import { buildRunnerInfo, createRunnerNet } from "../../support/fake-runner.ts";
import { createFakeSystem, systemError } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

let dir: string;
let events: StepEvent[];

beforeEach(() => {
  dir = createTempTree({});
  events = [];
});

function fileStep(id: string, needs: readonly string[] = []): Step {
  const path = join(dir, id);
  return { kind: "file", id, phase: "p", title: `write ${path}`, needs, path, mode: 0o600, content: id };
}

const WAIT_STEP: Step = {
  kind: "wait-component",
  id: "wait",
  phase: "p",
  title: "wait for etcd",
  needs: [],
  component: "etcd",
  podUid: "uid",
  url: "http://127.0.0.1:1/",
  kubeconfigPath: undefined,
  loads: [],
  runtime: "host",
  timeoutMs: 60_000,
};

function planOf(...steps: readonly Step[]): Plan {
  return { kubernetesVersion: "v1.37.2", phases: [], steps, trees: [], sharedTrees: [] };
}

function apply(
  steps: readonly Step[],
  options: { readonly fs?: Partial<FileSystem>; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const { fs = {}, signal = new AbortController().signal } = options;
  const net = createRunnerNet({ info: buildRunnerInfo(dir) });
  return applyPlan(createFakeSystem({ fs, net }), {
    plan: planOf(...steps),
    context: sampleApplyContext(dir, { signal }),
    onEvent: (event) => events.push(event),
  });
}

function told(): readonly string[] {
  return events.map(({ kind, step }) => `${kind} ${step.id}`);
}

test("a step begins when all that it needs are done, whatever its place in the list", async () => {
  await apply([fileStep("c", ["a", "b"]), fileStep("b", ["a"]), fileStep("a")]);
  expect(told()).toEqual(["started a", "done a", "started b", "done b", "started c", "done c"]);
  expect(readFileSync(join(dir, "c"), "utf8")).toBe("c");
});

test("a step lets more urgent ones go first, and does not miss those that the plan has not", async () => {
  await apply([{ ...fileStep("a"), after: ["b", "not there"] }, fileStep("b")]);
  expect(told()).toEqual(["started b", "done b", "started a", "done a"]);
});

test("steps that need nothing of each other run at the same time", async () => {
  let release: () => void = () => undefined;
  const bothBegun = new Promise<void>((resolve) => {
    release = resolve;
  });
  let begun = 0;
  const writeAtomic = async (): Promise<void> => {
    begun += 1;
    if (begun === 2) release();
    await bothBegun;
  };
  await apply([fileStep("a"), fileStep("b")], { fs: { writeAtomic } });
  expect(told().slice(0, 2)).toEqual(["started a", "started b"]);
});

test("a step that others share is done once", async () => {
  await apply([fileStep("a"), fileStep("b", ["a"]), fileStep("c", ["a"]), fileStep("d", ["b", "c"])]);
  expect(told().filter((line) => line.startsWith("done"))).toHaveLength(4);
});

test("what is done already is told as unchanged and not written again", async () => {
  await apply([fileStep("a")]);
  events = [];
  const writeAtomic = (): Promise<void> => Promise.reject(new Error("written again"));
  await apply([fileStep("a")], { fs: { writeAtomic } });
  expect(events).toMatchObject([{ kind: "started" }, { kind: "done", changed: false }]);
});

test("the first failure is raised with its path, and what needs the failed step never begins", async () => {
  const writeAtomic = (): Promise<void> => Promise.reject(systemError("ENOSPC"));
  await expect(apply([fileStep("a"), fileStep("b", ["a"])], { fs: { writeAtomic } })).rejects.toMatchObject({
    code: "SLIPWAY_NO_SPACE",
    what: `cannot write ${join(dir, "a")}`,
  });
  expect(told()).toEqual(["started a", "failed a"]);
});

test("after a failure nothing new begins, also where the need was fulfilled", async () => {
  let failB: () => void = () => undefined;
  const writeAtomic = async (path: string): Promise<void> => {
    if (path.endsWith("/b")) throw systemError("EROFS");
    await new Promise<void>((resolve) => {
      failB = resolve;
    });
  };
  const applied = apply([fileStep("a"), fileStep("b"), fileStep("c", ["a"])], { fs: { writeAtomic } });
  await expect.poll(told).toContain("failed b");
  failB();
  await expect(applied).rejects.toMatchObject({ code: "SLIPWAY_FILE_ACCESS" });
  expect(told()).not.toContain("started c");
});

test("of what fails at one moment a file of our own is told before a runner that did not start", async () => {
  const noRunner = { code: "SLIPWAY_RUNNER_START_FAILED", what: "w", why: "y", fix: "f" } as const;
  let failB: () => void = () => undefined;
  const fs: Partial<FileSystem> = {
    writeAtomic: async (path) => {
      if (path === join(dir, "a")) throw new SlipwayError(noRunner);
      await new Promise<void>((resolve) => {
        failB = resolve;
      });
      throw systemError("EROFS");
    },
  };
  const applied = apply([fileStep("a"), fileStep("b")], { fs });
  await expect.poll(told).toContain("failed a");
  failB();
  await expect(applied).rejects.toMatchObject({
    code: "SLIPWAY_FILE_ACCESS",
    what: `cannot write ${join(dir, "b")}`,
  });
});

test("a failure ends the waits that go on, and is what is raised", async () => {
  const writeAtomic = (): Promise<void> => Promise.reject(systemError("EROFS"));
  await expect(apply([WAIT_STEP, fileStep("a")], { fs: { writeAtomic } })).rejects.toMatchObject({
    code: "SLIPWAY_FILE_ACCESS",
  });
});

test("an interruption ends the waits and is raised itself", async () => {
  const interrupt = new AbortController();
  const reason = new Error("interrupted by SIGINT");
  const applied = apply([WAIT_STEP, fileStep("a", ["wait"])], { signal: interrupt.signal });
  interrupt.abort(reason);
  await expect(applied).rejects.toBe(reason);
  expect(told()).not.toContain("started a");
});

test("an interruption before the start changes nothing", async () => {
  const reason = new Error("interrupted");
  await expect(apply([fileStep("a")], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(events).toEqual([]);
});

test("a need that is not in the plan is a bug", async () => {
  await expect(apply([fileStep("a", ["no"])])).rejects.toThrow("the plan has no step no");
});
