import fc from "fast-check";
import { expect, test } from "vitest";
import { type ContainerView, computeActions, type PodView } from "../../../src/runner/compute-actions.ts";
import { buildPod } from "../../support/build-pod.ts";

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
    start: undefined,
    wakeAtMs: undefined,
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
  const stopping = { ...running(), state: { kind: "running", stopping: true }, killFor: "liveness" } as const;
  expect(actions({ seen: { web: stopping } }).kill).toEqual([]);
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

const arbitraryView = fc.record({
  state: fc.oneof(
    fc.constant({ kind: "absent" } as const),
    fc.boolean().map((stopping) => ({ kind: "running", stopping }) as const),
    fc.integer({ min: 0, max: 2 }).map((exitCode) => ({ kind: "exited", exitCode }) as const),
  ),
  started: fc.boolean(),
  notBeforeMs: fc.integer({ min: 0, max: 10 }),
  killFor: fc.constantFrom(undefined, "liveness" as const, "startup" as const, "restart" as const),
  restartAsked: fc.boolean(),
});
const arbitraryPod = fc.record({
  restartPolicy: fc.constantFrom("Always", "OnFailure", "Never"),
  initCount: fc.integer({ min: 0, max: 2 }),
  views: fc.array(arbitraryView, { minLength: 4, maxLength: 4 }),
  wanted: fc.constantFrom("run" as const, "stop" as const),
});

test("what runs is never started and what is to go starts nothing", () => {
  fc.assert(
    fc.property(arbitraryPod, (generated) => {
      const view = toView(generated);
      const { start, kill, ended } = computeActions(view);
      if (start !== undefined) expect(view.containers.get(start)?.state.kind).not.toBe("running");
      for (const { name } of kill)
        expect(view.containers.get(name)?.state).toEqual({ kind: "running", stopping: false });
      if (generated.wanted === "stop") expect(start).toBeUndefined();
      const isRunning = [...view.containers.values()].some(({ state }) => state.kind === "running");
      expect(ended).toBe(generated.wanted === "stop" && !isRunning);
    }),
  );
});

test("doing what it says ends in the wanted state", () => {
  fc.assert(
    fc.property(arbitraryPod, (generated) => {
      let view: PodView = { ...toView(generated), nowMs: 100 };
      for (let round = 0; round < 40; round += 1) {
        const { start, kill } = computeActions(view);
        const next = new Map(view.containers);
        for (const [name, seen] of view.containers) {
          const stops = kill.some((entry) => entry.name === name);
          const isInit = name.startsWith("i");
          if (stops) next.set(name, { ...seen, state: { kind: "running", stopping: true } });
          else if (seen.state.kind === "running" && (seen.state.stopping || isInit)) {
            next.set(name, { ...seen, state: { kind: "exited", exitCode: isInit ? 0 : 143 } });
          }
        }
        const started = start === undefined ? undefined : next.get(start);
        if (start !== undefined && started !== undefined) {
          const fresh = { killFor: undefined, restartAsked: false, notBeforeMs: 0, started: true };
          next.set(start, { ...started, ...fresh, state: { kind: "running", stopping: false } });
        }
        view = { ...view, containers: next };
      }
      const states = ["a", "b"].map((name) => view.containers.get(name)?.state.kind);
      if (generated.wanted === "stop") expect(computeActions(view).ended).toBe(true);
      else if (generated.restartPolicy === "Always") expect(states).toEqual(["running", "running"]);
    }),
  );
});

function toView(generated: {
  readonly restartPolicy: string;
  readonly initCount: number;
  readonly views: readonly Omit<ContainerView, "name">[];
  readonly wanted: "run" | "stop";
}): PodView {
  const initNames = ["i1", "i2"].slice(0, generated.initCount);
  const pod = buildPod({
    spec: {
      ...TWO,
      restartPolicy: generated.restartPolicy,
      initContainers: initNames.map((name) => ({ name, image: "i" })),
    },
  });
  const names = [...initNames, "a", "b"];
  const containers = names.flatMap((name, index) => {
    const view = generated.views[index];
    return view === undefined ? [] : [[name, { ...view, name }] as const];
  });
  return { pod, wanted: generated.wanted, nowMs: 5, containers: new Map(containers) };
}

function running(): Partial<ContainerView> {
  return { state: { kind: "running", stopping: false }, started: true };
}

function exited(exitCode: number): Partial<ContainerView> {
  return { state: { kind: "exited", exitCode } };
}

function actions(options: {
  readonly wanted?: "run" | "stop";
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly seen?: Readonly<Record<string, Partial<ContainerView>>>;
}) {
  const pod = buildPod({ spec: options.spec ?? {} });
  const names = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(
    (container) => container.name,
  );
  const base = {
    state: { kind: "absent" },
    started: false,
    notBeforeMs: 0,
    killFor: undefined,
    restartAsked: false,
  } as const;
  const containers = new Map(names.map((name) => [name, { ...base, name, ...options.seen?.[name] }]));
  return computeActions({ pod, wanted: options.wanted ?? "run", nowMs: 10, containers });
}
