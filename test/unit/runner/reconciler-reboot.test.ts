import { join } from "node:path";
import { expect, test } from "vitest";
import type { Pod } from "../../../src/pod/types.ts";
import { readPodRecord } from "../../../src/runner/pod/pod-record.ts";
import { buildPod } from "../../support/build-pod.ts";
import { createReconcilerTrial } from "../../support/reconciler-trial.ts";

const { crash, dir, startReconciler, system } = createReconcilerTrial();

type Trial = ReturnType<typeof startReconciler>;

/** Stops a runner with its pods and starts the next one. */
async function reboot(trial: Trial, pod: Pod): Promise<Trial> {
  await trial.reconciler.workers.stopPods();
  const saved = await readPodRecord(system(), { podsDir: join(dir(), "pods"), pod });
  return startReconciler({ found: await trial.runtime.list(), saved });
}

test("a pod that was stopped with its runner goes on at once, with its count and its last run", async () => {
  const pod = buildPod();
  let trial = startReconciler();
  await trial.apply([pod]);
  await crash(trial.runtime);
  for (const count of [2, 3, 4]) {
    trial = await reboot(trial, pod);
    await trial.apply([pod]);
    expect(trial.runtime.running()).toEqual(["web"]);
    expect(trial.statusOf("web-node-1")?.containerStatuses).toMatchObject([
      { restartCount: count, lastState: { terminated: { exitCode: 143 } } },
    ]);
  }
});

test("a pod that was done before stays done", async () => {
  const pod = buildPod({ spec: { restartPolicy: "Never" } });
  const first = startReconciler();
  await first.apply([pod]);
  first.runtime.exit("web", 0);
  const second = await reboot(first, pod);
  await second.apply([pod]);
  expect(second.runtime.running()).toEqual([]);
  expect(second.statusOf("web-node-1")?.phase).toBe("Succeeded");
});

test("one whose manifest has gone meanwhile is forgotten", async () => {
  const pod = buildPod();
  const first = startReconciler();
  await first.apply([pod]);
  const second = await reboot(first, pod);
  await second.apply([]);
  expect(second.runtime.calls).toEqual(["remove web#0"]);
  expect(await readPodRecord(system(), { podsDir: join(dir(), "pods"), pod })).toBeUndefined();
});

test("volumes are made again when nothing of the pod runs any more", async () => {
  const hostPath = { path: join(dir(), "run/web"), type: "DirectoryOrCreate" };
  const pod = buildPod({ spec: { volumes: [{ name: "v", hostPath }] } });
  const first = startReconciler();
  await first.apply([pod]);
  const second = await reboot(first, pod);
  expect(await system().fs.removeEmptyDir(hostPath.path)).toBe(true);
  await second.apply([pod]);
  expect((await system().fs.stat(hostPath.path))?.kind).toBe("directory");
});
