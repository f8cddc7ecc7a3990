import { expect, test, vi } from "vitest";
import type { ApiClient } from "../../../../src/api/types.ts";
import type { RunnerEvent } from "../../../../src/control/protocol.ts";
import { createApiLink } from "../../../../src/runner/cluster/api-link.ts";
import { sendEvents } from "../../../../src/runner/cluster/send-events.ts";
import { createFakeEventRecorder, createFakePodStore } from "../../../support/cluster-values.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";

const EVENT: RunnerEvent = {
  ...{ at: "2026-11-22T17:00:00Z", type: "Normal", reason: "Started", message: "", count: 1 },
  ...{ pod: "web-n1", namespace: "default", container: "web" },
};

test("a flood of events is let through as a burst and then one a second, the newest last", async () => {
  const system = createFakeSystem();
  const events = createFakeEventRecorder();
  const sent: string[] = [];
  const client: ApiClient = {
    server: "https://192.0.2.1",
    request: async ({ body }) => {
      sent.push((body as { readonly message: string }).message);
      return { status: 201, body: {}, text: "{}" };
    },
    watch: () => {
      throw new Error("not in this test");
    },
    close: () => undefined,
  };
  const context = { nodeName: "n1", isRegistered: () => true, store: createFakePodStore(), events };
  const loop = sendEvents(system, { ...context, link: createApiLink(system, client) });
  for (let index = 0; index < 260; index += 1) events.emit({ ...EVENT, message: String(index) });
  await vi.waitFor(() => expect(sent).toHaveLength(50));
  await system.clock.advance(10_000);
  await vi.waitFor(() => expect(sent).toHaveLength(60));
  // 200 wait at most; those that came first are dropped.
  expect(sent.at(0)).toBe("60");
  expect(sent).toEqual(sent.toSorted((left, right) => Number(left) - Number(right)));
  await loop.close();
});
