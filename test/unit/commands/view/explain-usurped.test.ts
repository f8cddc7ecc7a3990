import { expect, test } from "vitest";
import { explainUsurped } from "../../../../src/commands/view/explain-usurped.ts";
import { buildComponentReport } from "../../../support/build-report.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const TCP = `header
   0: 0100007F:192B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7777 1 0 100 0 0 10 0
`;
const PROBE = { periodSeconds: 1, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3 };

/** kube-apiserver of `/b`, called ready since some seconds, and one of `/a` that listens on its port. */
function explain({ root, ageMs }: { readonly root: string; readonly ageMs: number }) {
  const rootDir = createTempTree({
    "/proc/net/tcp": TCP,
    "/proc/11/cmdline": "/x/kube-apiserver\0--v=2\0",
    "/proc/11/stat": "11 (kube-apiserver) S 12 11 11 0",
    "/proc/11/fd/5": { link: "socket:[7777]" },
    "/proc/12/cmdline": "/bin/sh\0-c\0trap : TERM\0sh\0/a/var/lib/slipway/containers/0-x/exit\0--\0",
  });
  const probeListen = async ({ port }: { readonly port: number }) =>
    port === 6443 ? ("EADDRINUSE" as const) : undefined;
  const system = createFakeSystem({ rootDir, net: { probeListen } });
  const startedAt = new Date(system.clock.nowMs() - ageMs).toISOString();
  const report = buildComponentReport("kube-apiserver", { status: { state: { running: { startedAt } } } });
  const readinessProbe = {
    ...PROBE,
    httpGet: { path: "/readyz", port: "probe-port", scheme: "HTTPS" as const },
  };
  const ports = [{ name: "probe-port", containerPort: 6443, protocol: "TCP" as const }];
  const containers = [{ name: "kube-apiserver", image: "x:1", ports, readinessProbe }];
  const pod = { ...report.pod, spec: { ...report.pod.spec, containers } };
  return explainUsurped(system, { report: { ...report, pod }, name: "kube-apiserver", root });
}

test("one that another root's component answers for is not ready", async () => {
  expect(await explain({ root: "/b", ageMs: 1000 })).toEqual({
    summary: "not ready",
    cause: "port 6443 is held by kube-apiserver (pid 11) of the Slipway under /a, which answers for it",
    fix: "choose another port, 16443 is free: --apiserver-bind-port; or undo that one: slipway reset --root /a",
  });
});

test("its own process may answer, and one that has run for long has its port", async () => {
  expect(await explain({ root: "/a", ageMs: 1000 })).toBeUndefined();
  expect(await explain({ root: "/b", ageMs: 61_000 })).toBeUndefined();
});
