import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EventsAnswer } from "../../src/commands/view/events.ts";
import type { PsAnswer } from "../../src/commands/view/ps.ts";
import { processesNaming } from "../support/machine.ts";
import { succeed } from "../support/plane.ts";
import { prepareStandalone, type Standalone } from "../support/standalone.ts";

let alone: Standalone;
beforeEach(async () => {
  alone = await prepareStandalone();
});
afterEach(() => alone.destroy());

test("pods are stopped in order and go on with their restart counts, whether their runner lives or was killed", async () => {
  await alone.write("manifests/first.yaml", pod("first", { seconds: 0.2 }));
  await alone.write("manifests/last.yaml", pod("last", { priority: 1000 }));
  for (const [count, killed] of [false, true, true, false].entries()) {
    await alone.write("journal", "");
    run();
    await expect.poll(restarts).toEqual([count, count]);
    await expect.poll(() => alone.read("journal").then(sortLines)).toEqual(["first set", "last set"]);
    if (killed) await alone.kill();
    const stopped = await alone.slipway("runner", "stop", "--pods");
    expect(stopped).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("so have its pods") });
    if (killed)
      expect(stopped.stderr).toContain("2 pods are told to end, and killed where that takes too long");
    expect(await kills()).toEqual([count + 1, count + 1]);
    expect(processesNaming(alone.dir)).toEqual([]);
    expect((await alone.read("journal")).split("\n").slice(2)).toEqual(["first", "last", ""]);
    expect((await alone.slipway("runner", "stop", "--pods")).stdout).toBe("no runner runs\n");
  }
});

test.each([
  [
    "a configuration",
    () => alone.write("root/var/lib/slipway/runner-flags.json", "["),
    "what the runner was started with",
  ],
  [
    "a control socket",
    async () => {
      await rm(join(alone.root, "run/slipway/control.sock"));
      await mkdir(join(alone.root, "run/slipway/control.sock"));
    },
    "cannot use",
  ],
])("%s that cannot be used does not keep the pods of a killed runner running", async (_, spoil, problem) => {
  await alone.write("manifests/first.yaml", pod("first"));
  run();
  await expect.poll(restarts).toEqual([0]);
  await alone.kill();
  await spoil();
  const stopped = await alone.slipway("runner", "stop", "--pods");
  expect(stopped.exitCode).toBe(0);
  expect(stopped.stderr).toContain(`they are stopped by their records alone: ${problem}`);
  expect(processesNaming(alone.dir)).toEqual([]);
});

test("a pod that is added while pods are being stopped is refused, and runs after the next start", async () => {
  await alone.write("manifests/slow.yaml", pod("slow", { seconds: 2 }));
  run();
  await expect.poll(restarts).toEqual([0]);
  await expect.poll(() => alone.read("journal")).toBe("slow set\n");
  const stopped = alone.slipway("runner", "stop", "--pods");
  await expect.poll(() => find("slow").then((item) => item?.terminating)).toBe(true);
  await alone.write("manifests/late.yaml", pod("late"));
  await expect
    .poll(() => find("late").then((item) => item?.pod.status))
    .toMatchObject({
      phase: "Failed",
      reason: "NodeShutdown",
      message: "Pod was rejected: Pod was rejected as the node is shutting down.",
    });
  succeed(await stopped);
  await rm(join(alone.dir, "manifests/slow.yaml"));
  run();
  await expect.poll(() => find("late").then((item) => item?.pod.status?.phase)).toBe("Running");
});

function run(): void {
  alone.run("--pod-manifest-path=manifests", "--hostname-override=n9");
}

async function items(): Promise<PsAnswer["items"]> {
  return alone.ps().then(
    (answer) => (answer.runnerProblem === undefined ? answer.items : []),
    () => [],
  );
}

async function find(name: string): Promise<PsAnswer["items"][number] | undefined> {
  return (await items()).find((item) => item.pod.metadata.name === `${name}-n9`);
}

/** Of each pod that runs. */
async function restarts(): Promise<readonly (number | undefined)[]> {
  return (await items()).flatMap(({ pod: { status } }) =>
    status?.phase === "Running" ? [status.containerStatuses?.[0]?.restartCount] : [],
  );
}

/** How often the stop of each pod has been told. */
async function kills(): Promise<readonly number[]> {
  const { items: told }: EventsAnswer = JSON.parse(succeed(await alone.slipway("events", "-o", "json")));
  return told.flatMap(({ reason, count }) => (reason === "Killing" ? [count] : []));
}

const sortLines = (text: string): readonly string[] => text.trimEnd().split("\n").sort();

/** A pod that says in the journal when its trap is set, and takes some seconds to end and then says that. */
function pod(name: string, { seconds = 0, priority = 0 } = {}): string {
  const journal = join(alone.dir, "journal");
  const script = `trap 'sleep ${seconds}; echo ${name} >>${journal}; exit' TERM; echo ${name} set >>${journal}; while :; do sleep 1000 & wait; done`;
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      hostNetwork: true,
      priority,
      containers: [{ name: "main", image: "sh:1", command: ["sh", "-c", script] }],
    },
  });
}
