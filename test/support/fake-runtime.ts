import type { ContainerSpec, Runtime, RuntimeContainer } from "../../src/runtime/types.ts";
import type { FakeClock } from "./fake-clock.ts";

/** A runtime whose containers do what the test says. */
export interface FakeRuntime extends Runtime {
  /** Ends the running container of that name by itself. */
  exit(containerName: string, exitCode: number): void;
  /** The names of all containers that run, in the order of their start. */
  running(): readonly string[];
  /** `start web#0`, `stop web#0 30` (`wait web#0 20`: its signal was sent before), `remove web#0`, in order. */
  readonly calls: readonly string[];
}

/**
 * Containers run until they are stopped or `exit` is called; a stop takes `stopMs` of the fake clock's time. Starting a
 * container whose pod and name run already throws, for no runner may do that.
 */
export function createFakeRuntime(options: {
  readonly clock: FakeClock;
  readonly stopMs?: number;
  /** Containers that are there from the beginning. */
  readonly found?: readonly RuntimeContainer[];
  /** Called before each start; what it throws is the start's failure. */
  readonly onStart?: (spec: ContainerSpec) => void;
  readonly exec?: Runtime["exec"];
}): FakeRuntime {
  const { clock } = options;
  const containers = new Map((options.found ?? []).map((container) => [container.id, container]));
  const listeners: ((container: RuntimeContainer) => void)[] = [];
  const calls: string[] = [];
  let count = Math.max(0, ...[...containers.keys()].map(Number));
  const end = (container: RuntimeContainer, exitCode: number): void => {
    if (containers.get(container.id)?.state.kind !== "running") return;
    const ended: RuntimeContainer = {
      ...container,
      state: {
        kind: "exited",
        exitCode,
        signal: undefined,
        reason: exitCode === 0 ? "Completed" : "Error",
        message: undefined,
        startedAtMs: container.state.startedAtMs,
        finishedAtMs: clock.nowMs(),
      },
    };
    containers.set(container.id, ended);
    for (const listener of listeners) listener(ended);
  };
  const alive = (): RuntimeContainer[] =>
    [...containers.values()].filter((container) => container.state.kind === "running");
  return {
    name: "fake",
    version: "1",
    calls,
    list: () => Promise.resolve([...containers.values()]),
    usages: () => Promise.resolve(new Map()),
    checkImage: ({ image }) =>
      Promise.resolve(
        image.startsWith("absent")
          ? { kind: "absent", reason: "ErrImagePull", message: `there is no ${image}` }
          : { kind: "present", imageId: `sha256:${image}` },
      ),
    start: (spec) => {
      calls.push(`start ${labelOf(spec)}`);
      options.onStart?.(spec);
      const twin = alive().find(
        (container) =>
          container.spec.podName === spec.podName && container.spec.containerName === spec.containerName,
      );
      if (twin !== undefined)
        throw new Error(`${labelOf(spec)} was started while ${labelOf(twin.spec)} runs`);
      count += 1;
      const container: RuntimeContainer = {
        id: String(count).padStart(64, "0"),
        spec,
        imageId: `sha256:${spec.image}`,
        state: { kind: "running", pid: 1000 + count, startedAtMs: clock.nowMs() },
      };
      containers.set(container.id, container);
      return Promise.resolve(container);
    },
    stop: async (id, { graceSeconds, signalSent }) => {
      const container = containers.get(id);
      if (container?.state.kind !== "running") return;
      calls.push(`${signalSent === true ? "wait" : "stop"} ${labelOf(container.spec)} ${graceSeconds}`);
      await (options.stopMs === undefined ? Promise.resolve() : clock.sleep(options.stopMs));
      end(container, 143);
    },
    remove: (id) => {
      const container = containers.get(id);
      if (container !== undefined) calls.push(`remove ${labelOf(container.spec)}`);
      containers.delete(id);
      return Promise.resolve();
    },
    openExec: () => Promise.reject(new Error("not in this test")),
    openAttach: () => Promise.reject(new Error("not in this test")),
    exec: options.exec ?? (() => Promise.resolve({ exitCode: 0, output: "", timedOut: false })),
    onExit: (listener) => {
      listeners.push(listener);
    },
    close: () => Promise.resolve(),
    exit: (containerName, exitCode) => {
      const container = alive().find((candidate) => candidate.spec.containerName === containerName);
      if (container === undefined) throw new Error(`no container ${containerName} runs`);
      end(container, exitCode);
    },
    running: () => alive().map((container) => container.spec.containerName),
  };
}

function labelOf(spec: ContainerSpec): string {
  return `${spec.containerName}#${spec.attempt}`;
}
