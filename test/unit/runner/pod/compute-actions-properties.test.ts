import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ContainerView,
  computeActions,
  type PodActions,
  type PodView,
} from "../../../../src/runner/pod/compute-actions.ts";
import { buildPod } from "../../../support/build-pod.ts";

const CONTAINERS = ["a", "b"].map((name) => ({ name, image: "i" }));

const arbitraryStop = fc.record({
  hookDone: fc.boolean(),
  signalled: fc.boolean(),
  deadlineMs: fc.integer({ min: 0, max: 10 }),
});
const arbitraryView = fc.record({
  state: fc.oneof(
    fc.constant({ kind: "absent" } as const),
    fc.option(arbitraryStop, { nil: undefined }).map((stop) => ({ kind: "running", stop }) as const),
    fc
      .record({ exitCode: fc.integer({ min: 0, max: 2 }), condemned: fc.boolean() })
      .map((end) => ({ kind: "exited", ...end }) as const),
  ),
  starting: fc.constant(false),
  started: fc.boolean(),
  notBeforeMs: fc.integer({ min: 0, max: 10 }),
  killFor: fc.constantFrom(undefined, "liveness" as const, "startup" as const, "restart" as const),
  restartAsked: fc.boolean(),
});
const arbitraryPod = fc.record({
  restartPolicy: fc.constantFrom("Always", "OnFailure", "Never"),
  init: fc.array(fc.boolean(), { maxLength: 2 }),
  views: fc.array(arbitraryView, { minLength: 4, maxLength: 4 }),
  wanted: fc.constantFrom("run" as const, "stop" as const),
});

test("what runs is never started, what is to go starts nothing, and a signal follows a kill", () => {
  fc.assert(
    fc.property(arbitraryPod, (generated) => {
      const view = toView(generated);
      const { start, kill, signal, ended } = computeActions(view);
      if (start !== undefined) expect(view.containers.get(start)?.state.kind).not.toBe("running");
      for (const { name } of kill)
        expect(view.containers.get(name)?.state).toEqual({ kind: "running", stop: undefined });
      for (const name of signal)
        expect(view.containers.get(name)?.state).toMatchObject({ stop: { signalled: false } });
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
        const actions = computeActions(view);
        const containers = [...view.containers].map(([name, seen]) => [name, step(seen, actions)] as const);
        view = { ...view, containers: new Map(containers) };
      }
      const states = ["a", "b"].map((name) => view.containers.get(name)?.state.kind);
      if (generated.wanted === "stop") expect(computeActions(view).ended).toBe(true);
      else if (generated.restartPolicy === "Always") expect(states).toEqual(["running", "running"]);
    }),
  );
});

/** One container after the actions: a signal ends it, and an init container that does not stay ends by itself. */
function step(seen: ContainerView, actions: PodActions): ContainerView {
  const { name, state } = seen;
  if (actions.start === name) {
    const fresh = { killFor: undefined, restartAsked: false, notBeforeMs: 0, started: true };
    return { ...seen, ...fresh, state: { kind: "running", stop: undefined } };
  }
  if (state.kind !== "running") return seen;
  const endsByItself = name.startsWith("i");
  if (actions.signal.includes(name) || state.stop?.signalled === true || endsByItself) {
    return { ...seen, state: { kind: "exited", exitCode: endsByItself ? 0 : 143, condemned: false } };
  }
  const isKilled = actions.kill.some((entry) => entry.name === name);
  const stop = { hookDone: true, signalled: false, deadlineMs: 1000 };
  return isKilled ? { ...seen, state: { kind: "running", stop } } : seen;
}

function toView(generated: {
  readonly restartPolicy: string;
  /** Whether each init container is a sidecar. */
  readonly init: readonly boolean[];
  readonly views: readonly Omit<ContainerView, "name">[];
  readonly wanted: "run" | "stop";
}): PodView {
  const initContainers = generated.init.map((stays, index) => ({
    name: stays ? `s${index}` : `i${index}`,
    image: "i",
    ...(stays ? { restartPolicy: "Always" } : {}),
  }));
  const pod = buildPod({
    spec: { containers: CONTAINERS, restartPolicy: generated.restartPolicy, initContainers },
  });
  const names = [...initContainers.map(({ name }) => name), "a", "b"];
  const containers = names.flatMap((name, index) => {
    const view = generated.views[index];
    return view === undefined ? [] : [[name, { ...view, name }] as const];
  });
  const { wanted } = generated;
  return { pod, wanted, nowMs: 5, deadlineMs: undefined, containers: new Map(containers) };
}
