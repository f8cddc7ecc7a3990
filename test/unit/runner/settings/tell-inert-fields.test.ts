import { expect, test } from "vitest";
import { createEventRecorder } from "../../../../src/runner/events.ts";
import { createInertFieldTeller } from "../../../../src/runner/settings/tell-inert-fields.ts";
import { buildPod } from "../../../support/build-pod.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";

test("a field is told once in the log and in an event, of the control plane's own programs in the log alone", () => {
  const system = createFakeSystem();
  const events = createEventRecorder(system);
  const tell = createInertFieldTeller(system, {
    events,
    runner: { kubelet: { clusterDNS: [] }, canMount: true },
  });
  const spec = { hostNetwork: true, securityContext: { seccompProfile: { type: "RuntimeDefault" } } };
  const own = buildPod({ name: "etcd", spec, container: { image: "registry.k8s.io/etcd:3.7.0-0" } });
  const lines = () => system.logged.filter(({ message }) => message.includes("has no effect here"));
  tell(own);
  expect([lines().length, events.list().length]).toEqual([1, 0]);
  for (const name of ["web", "db"]) tell(buildPod({ name, spec }));
  expect(lines()).toHaveLength(1);
  expect(events.list()).toMatchObject([{ type: "Warning", reason: "FieldHasNoEffect", pod: "web-node-1" }]);
});
