import { expect, test } from "vitest";
import { explainByEtcd } from "../../../src/apply/explain-by-etcd.ts";
import type { PodReport } from "../../../src/control/protocol.ts";
import { buildComponentReport } from "../../support/build-report.ts";
import { createFakeSystem, systemError } from "../../support/fake-system.ts";

const OWN = "https://192.0.2.10:2379";

function report(component: string, flags: readonly string[], ready = true): PodReport {
  const built = buildComponentReport(component, { status: { ready } });
  const containers = built.pod.spec.containers.map((container) => ({
    ...container,
    command: [component, ...flags],
  }));
  return { ...built, pod: { ...built.pod, spec: { ...built.pod.spec, containers } } };
}

/** What is said of an API server with these `--etcd-servers`, where these addresses answer. */
function explain(
  servers: string | undefined,
  {
    answering = [],
    ready = true,
    container = "kube-apiserver",
  }: {
    readonly answering?: readonly string[];
    readonly ready?: boolean;
    readonly container?: string;
  } = {},
) {
  const base = createFakeSystem();
  const probeConnect = async ({ host, port }: { readonly host: string; readonly port: number }) => {
    if (!answering.includes(`${host}:${port}`)) throw systemError("ECONNREFUSED");
  };
  const system = { ...base, net: { ...base.net, probeConnect } };
  const etcd = report(
    "etcd",
    [`--advertise-client-urls=${OWN}`, "--listen-client-urls=https://127.0.0.1:2379"],
    ready,
  );
  const flags = servers === undefined ? [] : [`--etcd-servers=${servers}`];
  const apiServer = report("kube-apiserver", flags, false);
  return explainByEtcd(system, { report: apiServer, container, reports: [etcd, apiServer] });
}

test("an API server that is sent where nothing answers, while etcd is ready elsewhere, never gets ready", async () => {
  expect(await explain("https://127.0.0.1:9,https://127.0.0.1:8")).toMatchObject({
    cause: `nothing answers at --etcd-servers=https://127.0.0.1:9,https://127.0.0.1:8; etcd is ready, at ${OWN}`,
    fix: expect.stringContaining("etcd-servers in apiServer.extraArgs"),
    permanent: true,
    otherManifest: expect.stringContaining("etcd"),
  });
});

test("it may get ready where one of them answers, etcd is only starting, or is none of this machine's", async () => {
  expect(
    await explain("https://127.0.0.1:9,https://127.0.0.1:8", { answering: ["127.0.0.1:8"] }),
  ).toBeUndefined();
  expect(await explain("https://127.0.0.1:2379")).toBeUndefined();
  expect(await explain("https://127.0.0.1:9", { ready: false })).toBeUndefined();
  expect(await explain(undefined)).toBeUndefined();
  expect(await explain("https://127.0.0.1:9", { container: "kube-scheduler" })).toBeUndefined();
});
