import { join } from "node:path";
import { expect, test } from "vitest";
import { createFileSystem } from "../../../src/system/file-system.ts";
import { buildPod } from "../../support/build-pod.ts";
import { systemError } from "../../support/fake-system.ts";
import { createReconcilerTrial } from "../../support/reconciler-trial.ts";

const { advance, crash, dir, idle, replaceFileSystem, startReconciler, system } = createReconcilerTrial();

test("a pod that appears is started and shown as running", async () => {
  const { runtime, apply, statusOf } = startReconciler();
  await apply([buildPod()]);
  expect(runtime.running()).toEqual(["web"]);
  expect(statusOf("web-node-1")).toMatchObject({ phase: "Running", podIP: "192.0.2.10" });
});

test("a pod that disappears is stopped with its own grace and forgotten", async () => {
  const { runtime, apply, reconciler } = startReconciler();
  await apply([buildPod({ spec: { terminationGracePeriodSeconds: 7 } })]);
  await apply([]);
  expect(runtime.calls).toEqual(["start web#0", "stop web#0 7", "remove web#0"]);
  expect(reconciler.workers.list()).toEqual([]);
});

test("an edited pod starts the moment the old one has ended, never beside it", async () => {
  const { runtime, apply } = startReconciler({ stopMs: 3000 });
  await apply([buildPod()]);
  await apply([buildPod({ container: { image: "web:2" } })]);
  await advance(2999);
  expect(runtime.calls).toEqual(["start web#0", "stop web#0 30"]);
  await advance(1);
  expect(runtime.calls.at(-1)).toBe("start web#0");
  expect((await runtime.list())[0]?.spec.image).toBe("web:2");
});

test("a pod that is renamed and keeps its UID starts when the old one has ended", async () => {
  const { runtime, apply } = startReconciler({ stopMs: 100 });
  const withUid = (name: string) => {
    const pod = buildPod({ name });
    return { ...pod, metadata: { ...pod.metadata, uid: "own" } };
  };
  await apply([withUid("old")]);
  await apply([withUid("new")]);
  expect(runtime.calls).toEqual(["start web#0", "stop web#0 30"]);
  await advance(100);
  expect(runtime.calls.slice(2)).toEqual(["remove web#0", "start web#0"]);
});

test("an edit starts a pod anew also where the manifest names its UID", async () => {
  const { runtime, apply } = startReconciler({ stopMs: 100 });
  const withUid = (image: string) => {
    const pod = buildPod({ container: { image } });
    return { ...pod, metadata: { ...pod.metadata, uid: "fixed" } };
  };
  await apply([withUid("web:1")]);
  await apply([withUid("web:2")]);
  await advance(100);
  await advance(0);
  expect(runtime.calls.filter((call) => !call.startsWith("remove"))).toEqual([
    "start web#0",
    "stop web#0 30",
    "start web#0",
  ]);
});

test("of several edits in a row only the last one is run", async () => {
  const { runtime, apply } = startReconciler({ stopMs: 1000 });
  for (const image of ["web:1", "web:2", "web:3"]) await apply([buildPod({ container: { image } })]);
  await advance(5000);
  expect((await runtime.list()).map((container) => container.spec.image)).toEqual(["web:3"]);
  expect(runtime.calls.filter((call) => call.startsWith("start"))).toHaveLength(2);
});

test("a pod that is put back while it stops is started again afterwards", async () => {
  const { runtime, apply } = startReconciler({ stopMs: 1000 });
  await apply([buildPod()]);
  await apply([]);
  await apply([buildPod()]);
  await advance(1000);
  expect(runtime.running()).toEqual(["web"]);
});

test("a mount at another path is given to the runtime", async () => {
  const { runtime, apply } = startReconciler();
  await apply([
    buildPod({
      container: { volumeMounts: [{ name: "v", mountPath: "/data" }] },
      spec: { volumes: [{ name: "v", hostPath: { path: dir() } }] },
    }),
  ]);
  await advance(100);
  expect((await runtime.list())[0]?.spec.mounts).toEqual([
    { hostPath: dir(), containerPath: "/data", readOnly: false, propagation: "private" },
  ]);
});

test("a missing hostPath holds the pod until it is there, and is told of the pod, not of each container", async () => {
  const { runtime, apply, recorded } = startReconciler();
  const path = join(dir(), "late");
  const containers = ["web", "other"].map((name) => ({ name, image: "web:1" }));
  const volumes = [{ name: "v", hostPath: { path, type: "Directory" } }];
  await apply([buildPod({ spec: { containers, volumes } })]);
  await idle();
  expect(runtime.running()).toEqual([]);
  const message = `MountVolume.SetUp failed for volume v: hostPath type check failed: ${path} is not a directory, it does not exist`;
  const failures = recorded().filter(({ reason }) => reason.startsWith("Failed"));
  expect(failures).toMatchObject([{ reason: "FailedMount", container: undefined, message, count: 1 }]);
  await system().fs.makeDir(path, { mode: 0o755 });
  await advance(1000);
  expect(runtime.running()).toEqual(["web", "other"]);
});

test("a pod over its active deadline is stopped, shown as failed, and stays so for the next runner", async () => {
  const first = startReconciler();
  const pod = buildPod({ spec: { activeDeadlineSeconds: 5 } });
  await first.apply([pod]);
  await advance(5000);
  const failed = { phase: "Failed", reason: "DeadlineExceeded" };
  expect(first.statusOf("web-node-1")).toMatchObject(failed);
  expect(first.runtime.running()).toEqual([]);
  const second = startReconciler({ found: await first.runtime.list() });
  await second.apply([pod]);
  expect(second.statusOf("web-node-1")).toMatchObject(failed);
  expect(second.runtime.calls).toEqual([]);
});

test("a container that was to be restarted when the deadline came waits for nothing any more", async () => {
  const { apply, statusOf, runtime } = startReconciler();
  await apply([buildPod({ spec: { activeDeadlineSeconds: 5 } })]);
  await crash(runtime);
  await crash(runtime);
  const state = () => statusOf("web-node-1")?.containerStatuses?.[0]?.state;
  expect(state()).toMatchObject({ waiting: { reason: "CrashLoopBackOff" } });
  await advance(5000);
  expect(state()).toMatchObject({ terminated: { exitCode: 1, reason: "Error" } });
  expect(statusOf("web-node-1")?.conditions).toContainEqual(
    expect.objectContaining({ type: "PodReadyToStartContainers", status: "False" }),
  );
});

test("a sidecar that was to be restarted when its pod had done its work waits for nothing any more", async () => {
  const { apply, statusOf, runtime } = startReconciler();
  const initContainers = [{ name: "side", image: "side:1", restartPolicy: "Always" }];
  await apply([buildPod({ spec: { initContainers, restartPolicy: "Never" } })]);
  for (const container of ["side", "side", "web"]) {
    runtime.exit(container, container === "web" ? 0 : 3);
    await idle();
  }
  expect(statusOf("web-node-1")).toMatchObject({
    phase: "Succeeded",
    initContainerStatuses: [{ restartCount: 1, state: { terminated: { exitCode: 3 } } }],
  });
});

test("nothing is stopped before every source has told its pods once", async () => {
  const first = startReconciler();
  await first.apply([buildPod()]);
  const found = await first.runtime.list();
  const { apply, reconciler, runtime } = startReconciler({ found, stopMs: 0, sources: ["file", "http"] });
  await apply([]);
  await advance(60_000);
  expect(runtime.calls).toEqual([]);
  reconciler.apply({ source: "http", pods: [], refused: [] });
  await advance(0);
  expect(runtime.calls).toContain("stop web#0 30");
});

test("of two files that name one pod the running one stays and the other is refused by name", async () => {
  const { apply, reconciler } = startReconciler();
  await apply([buildPod({ origin: "/m/b.yaml" })]);
  await apply([buildPod({ origin: "/m/a.yaml" }), buildPod({ origin: "/m/b.yaml" })]);
  expect(reconciler.workers.list().map((worker) => worker.known.desired.origin)).toEqual(["/m/b.yaml"]);
  expect(reconciler.refused()).toEqual([
    expect.objectContaining({ origin: "/m/a.yaml", message: expect.stringContaining("/m/b.yaml") }),
  ]);
});

test("a full disk keeps a pod waiting with the reason, and it starts when there is space again", async () => {
  let isFull = true;
  const real = createFileSystem();
  const appendText: typeof real.appendText = (path, file) =>
    isFull ? Promise.reject(systemError("ENOSPC")) : real.appendText(path, file);
  replaceFileSystem({ ...real, appendText });
  const { apply, runtime, statusOf } = startReconciler();
  await apply([buildPod()]);
  const waiting = () => statusOf("web-node-1")?.containerStatuses?.[0]?.state?.waiting;
  await expect.poll(() => waiting()?.message).toContain("no space is left on the device at /");
  isFull = false;
  await advance(60_000);
  await expect.poll(() => runtime.calls).toEqual(["start web#0"]);
  expect(system().logged.filter(({ level }) => level === "error")).toEqual([]);
});

test("a field that cannot act is told once, in the log and as an event", async () => {
  const { apply, eventMessages } = startReconciler();
  await apply([buildPod({ name: "a" }), buildPod({ name: "b" })]);
  const told = system().logged.filter((event) => event.message === "field has no effect here");
  expect(told.map((event) => event.fields["field"])).toEqual(["spec.hostNetwork: false"]);
  expect(eventMessages().filter((message) => message.includes("no effect"))).toEqual([
    "spec.hostNetwork: false has no effect here: every pod is on the machine's own network",
  ]);
});
