import { expect, test, vi } from "vitest";
import type { ApiClient } from "../../../../src/api/types.ts";
import type { PodReport, RunnerEvent } from "../../../../src/control/protocol.ts";
import { createApiLink } from "../../../../src/runner/cluster/api-link.ts";
import { sendEvents } from "../../../../src/runner/cluster/send-events.ts";
import { buildPod } from "../../../support/build-pod.ts";
import { buildReport, createFakeEventRecorder, createFakePodStore } from "../../../support/cluster-values.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";

const EVENT: RunnerEvent = {
  ...{ at: "2026-11-22T17:00:00Z", type: "Normal", reason: "Started", message: "", count: 1 },
  ...{ pod: "web-n1", namespace: "default", container: "web" },
};

interface SentEvent {
  readonly message: string;
  readonly involvedObject: Readonly<Record<string, unknown>>;
}

test("a flood of events is let through as a burst and then one a second, the newest last", async () => {
  const { system, events, posted, loop } = start();
  const sent = (): readonly string[] => posted.map(({ message }) => message);
  for (let index = 0; index < 260; index += 1) events.emit({ ...EVENT, message: String(index) });
  await vi.waitFor(() => expect(sent()).toHaveLength(50));
  await system.clock.advance(10_000);
  await vi.waitFor(() => expect(sent()).toHaveLength(60));
  // 200 wait at most; those that came first are dropped.
  expect(sent().at(0)).toBe("60");
  expect(sent()).toEqual(sent().toSorted((left, right) => Number(left) - Number(right)));
  await loop.close();
});

test("an event about an init container says so", async () => {
  const init = { name: "init", image: "web:1" };
  const pod = buildPod({ spec: { initContainers: [init] } });
  const { name, namespace } = pod.metadata;
  const { events, posted, loop } = start([buildReport(pod)]);
  events.emit({ ...EVENT, pod: name, namespace, container: "init" });
  await vi.waitFor(() => expect(posted).toHaveLength(1));
  expect(posted[0]?.involvedObject["fieldPath"]).toBe("spec.initContainers{init}");
  await loop.close();
});

function start(reports: readonly PodReport[] = []) {
  const system = createFakeSystem();
  const events = createFakeEventRecorder();
  const posted: SentEvent[] = [];
  const client: ApiClient = {
    server: "https://192.0.2.1",
    request: async ({ body }) => {
      posted.push(body as SentEvent);
      return { status: 201, body: {}, text: "{}" };
    },
    watch: () => {
      throw new Error("not in this test");
    },
    close: () => undefined,
  };
  const context = { nodeName: "n1", isRegistered: () => true, store: createFakePodStore(reports), events };
  return {
    system,
    events,
    posted,
    loop: sendEvents(system, { ...context, link: createApiLink(system, client) }),
  };
}
