import { expect, test } from "vitest";
import {
  type ContainerView,
  computeActions,
  type StopView,
} from "../../../../src/runner/pod/compute-actions.ts";
import { buildPod } from "../../../support/build-pod.ts";

const TWO = {
  containers: [
    { name: "a", image: "i" },
    { name: "b", image: "i" },
  ],
};

test("a new pod starts its first container", () => {
  expect(actions({ spec: TWO })).toMatchObject({ start: "a", kill: [], ended: false });
});

test("the second container starts when the first runs", () => {
  expect(actions({ spec: TWO, seen: { a: running() } }).start).toBe("b");
});

test("a container that cannot start yet does not hold up the next", () => {
  expect(actions({ spec: TWO, seen: { a: { notBeforeMs: 50 } } })).toMatchObject({
    start: "b",
    wakeAtMs: 50,
  });
});

test("nothing happens to a pod that runs", () => {
  expect(actions({ spec: TWO, seen: { a: running(), b: running() } })).toEqual({
    kill: [],
    signal: [],
    reset: false,
    start: undefined,
    wakeAtMs: undefined,
    expired: false,
    over: false,
    restartingAll: false,
    ended: false,
  });
});

test.each([
  ["Always", 0, "web"],
  ["Always", 1, "web"],
  ["OnFailure", 0, undefined],
  ["OnFailure", 1, "web"],
  ["Never", 0, undefined],
  ["Never", 1, undefined],
])("policy %s after exit %i starts %s", (restartPolicy, exitCode, start) => {
  expect(actions({ spec: { restartPolicy }, seen: { web: exited(exitCode) } }).start).toBe(start);
});

test("a restart that was asked for overrides the policy", () => {
  const seen = { web: { ...exited(0), restartAsked: true } };
  expect(actions({ spec: { restartPolicy: "Never" }, seen }).start).toBe("web");
});

test("a container that failed its liveness probe is killed once", () => {
  expect(actions({ seen: { web: { ...running(), killFor: "liveness" } } }).kill).toEqual([
    { name: "web", reason: "liveness" },
  ]);
  expect(actions({ seen: { web: { ...stopping(), killFor: "liveness" } } }).kill).toEqual([]);
});

test("a pod that is to go is killed whole and has ended when nothing runs", () => {
  expect(actions({ wanted: "stop", spec: TWO, seen: { a: running(), b: exited(1) } })).toMatchObject({
    kill: [{ name: "a", reason: "stop" }],
    start: undefined,
    ended: false,
  });
  expect(actions({ wanted: "stop", spec: TWO, seen: { a: exited(0) } }).ended).toBe(true);
});

const INIT = {
  initContainers: [
    { name: "i1", image: "i" },
    { name: "i2", image: "i" },
  ],
};

test("init containers run one after another before the others", () => {
  expect(actions({ spec: INIT }).start).toBe("i1");
  expect(actions({ spec: INIT, seen: { i1: running() } }).start).toBeUndefined();
  expect(actions({ spec: INIT, seen: { i1: exited(0) } }).start).toBe("i2");
  expect(actions({ spec: INIT, seen: { i1: exited(0), i2: exited(0) } }).start).toBe("web");
});

test("a failed init container is tried again, unless the policy is Never", () => {
  expect(actions({ spec: INIT, seen: { i1: exited(1) } }).start).toBe("i1");
  expect(actions({ spec: { ...INIT, restartPolicy: "Never" }, seen: { i1: exited(1) } })).toMatchObject({
    start: undefined,
    wakeAtMs: undefined,
  });
});

test("a sidecar lets the next one go when it has started", () => {
  const spec = { initContainers: [{ name: "side", image: "i", restartPolicy: "Always" }] };
  expect(actions({ spec, seen: { side: running() } }).start).toBe("web");
  expect(actions({ spec, seen: { side: { ...running(), started: false } } }).start).toBeUndefined();
  expect(actions({ spec, seen: { side: exited(0), web: running() } }).start).toBe("side");
});

test("a record further on stands for all before it, but a sidecar among them is brought back", () => {
  const side = { name: "side", image: "i", restartPolicy: "Always" };
  const spec = { initContainers: [side, { name: "i1", image: "i" }, { name: "i2", image: "i" }] };
  expect(actions({ spec, seen: { i2: exited(1) } }).start).toBe("side");
  expect(actions({ spec, seen: { side: running(), i2: exited(0) } }).start).toBe("web");
});

test("nothing starts while a postStart hook runs", () => {
  expect(actions({ spec: TWO, seen: { a: { ...running(), starting: true } } }).start).toBeUndefined();
});

test("a run gets the stop signal when its hook is done, or when its grace is over", () => {
  const seen = (state: Partial<StopView>) => ({
    web: stopping({ hookDone: false, deadlineMs: 20, ...state }),
  });
  expect(actions({ wanted: "stop", seen: seen({}) })).toMatchObject({ signal: [], wakeAtMs: 20 });
  expect(actions({ wanted: "stop", seen: seen({ hookDone: true }) }).signal).toEqual(["web"]);
  expect(actions({ wanted: "stop", seen: seen({ deadlineMs: 10 }) }).signal).toEqual(["web"]);
  expect(actions({ wanted: "stop", seen: seen({ hookDone: true, signalled: true }) }).signal).toEqual([]);
});

test("a pod that is to go shortens an end that would take longer, and never prolongs one", () => {
  const late = stopping({ signalled: true, deadlineMs: 600_000 });
  expect(actions({ wanted: "stop", seen: { web: late } }).kill).toEqual([{ name: "web", reason: "stop" }]);
  const soon = stopping({ signalled: true, deadlineMs: 5000 });
  expect(actions({ wanted: "stop", seen: { web: soon } }).kill).toEqual([]);
});

const SIDECARS = {
  initContainers: ["s1", "s2"].map((name) => ({ name, image: "i", restartPolicy: "Always" })),
};

test("sidecars are signalled last, in reverse order of their start", () => {
  const all = { s1: stopping(), s2: stopping(), web: stopping() };
  const signalOf = (seen: typeof all | Record<string, Partial<ContainerView>>) =>
    actions({ wanted: "stop", spec: SIDECARS, seen }).signal;
  expect(signalOf(all)).toEqual(["web"]);
  expect(signalOf({ ...all, web: exited(0) })).toEqual(["s2"]);
  expect(signalOf({ s1: stopping(), s2: exited(0), web: exited(0) })).toEqual(["s1"]);
  expect(signalOf({ ...all, s1: stopping({ deadlineMs: 10 }) })).toEqual(["s1", "web"]);
});

test("sidecars go when the regular containers are done for good", () => {
  const spec = { ...SIDECARS, restartPolicy: "Never" };
  const seen = { s1: running(), s2: running(), web: exited(0) };
  expect(actions({ spec, seen }).kill.map(({ name }) => name)).toEqual(["s1", "s2"]);
  expect(actions({ spec, seen: { s1: exited(1), s2: exited(1), web: exited(0) } }).start).toBeUndefined();
});

test("an init container that failed for good ends the sidecars before it", () => {
  const initContainers = [...SIDECARS.initContainers, { name: "i1", image: "i" }];
  const spec = { initContainers, restartPolicy: "Never" };
  const seen = { s1: running(), s2: running(), i1: exited(1) };
  expect(actions({ spec, seen })).toMatchObject({ start: undefined, ended: false });
  expect(actions({ spec, seen }).kill.map(({ name }) => name)).toEqual(["s1", "s2"]);
});

test("a pod over its deadline is killed and starts nothing", () => {
  expect(actions({ seen: { web: running() }, deadlineMs: 11 })).toMatchObject({ kill: [], wakeAtMs: 11 });
  expect(actions({ seen: { web: running() }, deadlineMs: 10 })).toMatchObject({
    kill: [{ name: "web", reason: "stop" }],
    expired: true,
    ended: false,
  });
  expect(actions({ deadlineMs: 10 }).start).toBeUndefined();
});

const rules = (action: string, operator: string, ...values: readonly number[]) => ({
  restartPolicyRules: [{ action, exitCodes: { operator, values } }],
});

test.each([
  ["its policy", { restartPolicy: "Never" }, 1, false, undefined],
  ["its policy Always", { restartPolicy: "Always" }, 0, false, "web"],
  ["a rule that is met", { restartPolicy: "Never", ...rules("Restart", "In", 42) }, 42, false, "web"],
  ["a rule that is not met", { restartPolicy: "Never", ...rules("Restart", "In", 42) }, 1, false, undefined],
  ["a NotIn rule", { restartPolicy: "Never", ...rules("Restart", "NotIn", 0) }, 3, false, "web"],
  [
    "the rules, not after a probe",
    { restartPolicy: "Never", ...rules("Restart", "In", 1) },
    1,
    true,
    undefined,
  ],
  ["its policy after a probe, whatever the code", { restartPolicy: "OnFailure" }, 0, true, "web"],
])("a container's restart follows %s", (_, policy, exitCode, condemned, start) => {
  const spec = {
    restartPolicy: policy.restartPolicy === "Never" ? "Always" : "Never",
    containers: [{ name: "web", image: "i", ...policy }],
  };
  const seen = { web: { state: { kind: "exited" as const, exitCode, condemned } } };
  expect(actions({ spec, seen }).start).toBe(start);
});

test("a rule restarts all containers: first everything ends, then the pod begins anew", () => {
  const spec = {
    restartPolicy: "Never",
    initContainers: [{ name: "i1", image: "i" }],
    containers: [
      { name: "a", image: "i", restartPolicy: "Never", ...rules("RestartAllContainers", "In", 7) },
      { name: "b", image: "i" },
    ],
  };
  expect(actions({ spec, seen: { i1: exited(0), a: exited(7), b: running() } })).toMatchObject({
    kill: [{ name: "b", reason: "restartAll" }],
    start: undefined,
    restartingAll: true,
    reset: false,
  });
  expect(actions({ spec, seen: { i1: exited(0), a: exited(7), b: exited(137) } })).toMatchObject({
    start: undefined,
    reset: true,
  });
});

function running(): Partial<ContainerView> {
  return { state: { kind: "running", stop: undefined }, started: true };
}

function stopping(change: Partial<StopView> = {}): Partial<ContainerView> {
  const stop = { hookDone: true, signalled: false, deadlineMs: 30_000, ...change };
  return { state: { kind: "running", stop }, started: true };
}

function exited(exitCode: number): Partial<ContainerView> {
  return { state: { kind: "exited", exitCode, condemned: false } };
}

function actions(options: {
  readonly wanted?: "run" | "stop";
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly seen?: Readonly<Record<string, Partial<ContainerView>>>;
  readonly deadlineMs?: number;
}) {
  const pod = buildPod({ spec: options.spec ?? {} });
  const names = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(
    (container) => container.name,
  );
  const base = {
    state: { kind: "absent" },
    starting: false,
    started: false,
    notBeforeMs: 0,
    killFor: undefined,
    restartAsked: false,
  } as const;
  const containers = new Map(names.map((name) => [name, { ...base, name, ...options.seen?.[name] }]));
  const { wanted = "run", deadlineMs } = options;
  return computeActions({ pod, wanted, nowMs: 10, deadlineMs, containers });
}
