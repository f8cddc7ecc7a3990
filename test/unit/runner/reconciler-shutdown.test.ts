import { expect, test } from "vitest";
import { buildPod } from "../../support/build-pod.ts";
import { createReconcilerTrial } from "../../support/reconciler-trial.ts";

const { advance, startReconciler } = createReconcilerTrial();

const component = (name: string) =>
  buildPod({ name, labels: { component: name, tier: "control-plane" }, container: { name } });

test("all pods stop in order: etcd last, the API server before it", async () => {
  const { runtime, apply, reconciler } = startReconciler({ stopMs: 100 });
  const names = ["etcd", "kube-apiserver", "kube-scheduler"];
  await apply(names.map(component));
  const stopped = reconciler.workers.stopPods();
  for (let group = 0; group < 3; group += 1) {
    await advance(100);
  }
  await stopped;
  expect(runtime.calls.filter((call) => call.startsWith("stop"))).toEqual([
    "stop kube-scheduler#0 30",
    "stop kube-apiserver#0 30",
    "stop etcd#0 30",
  ]);
});

test("with shutdown periods no pod has more than its period, and the next do not wait longer", async () => {
  const shutdownPeriods = [
    { priority: 0, graceSeconds: 10 },
    { priority: 1000, graceSeconds: 5 },
  ];
  const { runtime, apply, reconciler } = startReconciler({ stopMs: 12_000, shutdownPeriods });
  const build = (name: string, spec: Readonly<Record<string, unknown>>) =>
    buildPod({ name, spec, container: { name } });
  await apply([
    build("patient", { terminationGracePeriodSeconds: 60 }),
    build("brief", { terminationGracePeriodSeconds: 3 }),
    build("important", { priority: 5000 }),
  ]);
  const stops = () => runtime.calls.filter((call) => call.startsWith("stop"));
  const stopped = reconciler.workers.stopPods();
  await advance(9_000);
  expect(stops().toSorted()).toEqual(["stop brief#0 3", "stop patient#0 10"]);
  await advance(1_000);
  expect(stops()).toContain("stop important#0 5");
  await advance(12_000);
  await stopped;
  expect(runtime.running()).toEqual([]);
});

test("a pod that ends already has no longer than the period, either", async () => {
  const shutdownPeriods = [{ priority: 0, graceSeconds: 4 }];
  const { runtime, apply, reconciler } = startReconciler({ stopMs: 20_000, shutdownPeriods });
  await apply([buildPod()]);
  await apply([]);
  const stopped = reconciler.workers.stopPods();
  await advance(0);
  expect(runtime.calls).toEqual(["start web#0", "stop web#0 30", "stop web#0 4"]);
  await advance(20_000);
  await stopped;
});

test("a pod that ended with the machine is still told, with how it ended", async () => {
  const { apply, reconciler, reportOf } = startReconciler({ stopMs: 100 });
  await apply([buildPod()]);
  const stopped = reconciler.workers.stopPods();
  await advance(50);
  expect(reportOf("web-node-1")?.pod.status).toMatchObject({ phase: "Running" });
  expect(reportOf("web-node-1")?.pod.status).not.toHaveProperty("reason");
  await advance(50);
  await stopped;
  expect(reportOf("web-node-1")).toMatchObject({
    terminating: true,
    pod: {
      status: {
        phase: "Failed",
        reason: "Terminated",
        containerStatuses: [{ ready: false, state: { terminated: { exitCode: 143 } } }],
      },
    },
  });
});

test("a pod that had failed by itself keeps its own reason, and one whose manifest has gone is not told", async () => {
  const { apply, runtime, reconciler, reportOf } = startReconciler({ stopMs: 100 });
  const once = buildPod({ name: "once", spec: { restartPolicy: "Never" }, container: { name: "once" } });
  await apply([once, buildPod({ name: "gone" })]);
  runtime.exit("once", 3);
  await apply([once]);
  const stopped = reconciler.workers.stopPods();
  await advance(100);
  await stopped;
  expect(reportOf("once-node-1")?.pod.status).toMatchObject({ phase: "Failed" });
  expect(reportOf("once-node-1")?.pod.status).not.toHaveProperty("reason");
  expect(reportOf("gone-node-1")).toBeUndefined();
});

test("a pod that is added while the machine goes down is refused, an edited one is told as it ends", async () => {
  const { apply, reconciler, reportOf, runtime, events } = startReconciler({ stopMs: 100 });
  await apply([buildPod()]);
  const stopped = reconciler.workers.stopPods();
  await advance(50);
  const edited = buildPod({ labels: { version: "2" } });
  await apply([edited, buildPod({ name: "new", container: { name: "new" } })]);
  const message = "Pod was rejected as the node is shutting down.";
  const refused = { phase: "Failed", reason: "NodeShutdown", message: `Pod was rejected: ${message}` };
  expect(reportOf("new-node-1")?.pod.status).toMatchObject(refused);
  expect(events()).toContain("NodeShutdown");
  await advance(50);
  await stopped;
  expect(reportOf("new-node-1")?.pod.status).toMatchObject(refused);
  expect(reconciler.workers.reports()).toHaveLength(2);
  expect(reportOf("web-node-1")?.pod.status).toMatchObject({ reason: "Terminated" });
  await apply([edited]);
  expect(reportOf("new-node-1")).toBeUndefined();
  expect(runtime.running()).toEqual([]);
});

test("before the API server is stopped, what ended before it has been told", async () => {
  const stages: string[] = [];
  const trial = startReconciler({
    stopMs: 100,
    onStageEnd: () => {
      const phases = ["etcd", "kube-apiserver", "kube-scheduler"].map(
        (name) => `${name} ${trial.reportOf(`${name}-node-1`)?.pod.status?.phase}`,
      );
      stages.push(phases.join(", "));
      return Promise.resolve();
    },
  });
  await trial.apply(["etcd", "kube-apiserver", "kube-scheduler"].map(component));
  const stopped = trial.reconciler.workers.stopPods();
  for (let stage = 0; stage < 3; stage += 1) await advance(100);
  await stopped;
  expect(stages).toEqual([
    "etcd Running, kube-apiserver Running, kube-scheduler Failed",
    "etcd Running, kube-apiserver Failed, kube-scheduler Failed",
    "etcd Failed, kube-apiserver Failed, kube-scheduler Failed",
  ]);
});
