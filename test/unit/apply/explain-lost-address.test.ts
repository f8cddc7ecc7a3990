import { expect, test } from "vitest";
import { explainLostAddress } from "../../../src/apply/explain-lost-address.ts";
import type { PodReport } from "../../../src/control/protocol.ts";
import { buildComponentReport, buildEnd } from "../../support/build-report.ts";
import { createFakeSystem } from "../../support/fake-system.ts";

/** An API server that announces an address; the machine has 192.0.2.10. */
function server(address: string, status: Parameters<typeof buildComponentReport>[1] = {}): PodReport {
  const report = buildComponentReport("kube-apiserver", status);
  const command = ["kube-apiserver", `--advertise-address=${address}`, "--secure-port=6443"];
  const containers = report.pod.spec.containers.map((container) => ({ ...container, command }));
  return { ...report, pod: { ...report.pod, spec: { ...report.pod.spec, containers } } };
}

function explain(report: PodReport, { container = "kube-apiserver", answers = false } = {}) {
  const base = createFakeSystem();
  const net = answers ? { ...base.net, probeConnect: async () => undefined } : base.net;
  const subject = container === "kube-apiserver" ? report : buildComponentReport(container);
  return explainLostAddress({ ...base, net }, { report: subject, container, reports: [report] });
}

test.each(["kube-apiserver", "kube-controller-manager", "kube-scheduler"])(
  "%s is told that the machine has lost the API server's address",
  async (container) => {
    expect(await explain(server("192.0.2.77"), { container })).toMatchObject({
      cause: expect.stringContaining("has the address 192.0.2.77 any more"),
      fix: expect.stringContaining("--apiserver-advertise-address"),
      permanent: true,
    });
  },
);

test("nothing is told where the address is there, leads here, or is not needed or not served", async () => {
  expect(await explain(server("192.0.2.10"))).toBeUndefined();
  expect(await explain(server("127.0.0.9"))).toBeUndefined();
  expect(await explain(server("192.0.2.77"), { answers: true })).toBeUndefined();
  expect(await explain(server("192.0.2.77"), { container: "etcd" })).toBeUndefined();
  expect(await explain(server("192.0.2.77", { status: { state: buildEnd() } }))).toBeUndefined();
});
