import { expect, test } from "vitest";
import { explainLostServer } from "../../../src/apply/explain-lost-server.ts";
import type { PodReport } from "../../../src/control/protocol.ts";
import { buildComponentReport } from "../../support/build-report.ts";
import { createFakeSystem, systemError } from "../../support/fake-system.ts";

const NAME = "kube-controller-manager";

const sentTo = (origin: string, reason: string): string =>
  `E1122 16:59:01.000000       1 leaderelection.go:473] "Error retrieving lease lock" err="Get \\"${origin}/apis/x?timeout=5s\\": ${reason}" lock="x"`;
const OLD = sentTo("https://192.0.2.9:6443", "dial tcp 192.0.2.9:6443: connect: no route to host");

/** What is said of a controller manager that wrote these lines, where these addresses answer. */
function explain(
  lines: readonly string[],
  {
    answering = [],
    serverReady = true,
  }: { readonly answering?: readonly string[]; readonly serverReady?: boolean } = {},
) {
  const base = createFakeSystem();
  const probeConnect = async ({ host, port }: { readonly host: string; readonly port: number }) => {
    if (!answering.includes(`${host} ${port}`)) throw systemError("ECONNREFUSED");
  };
  const server = buildComponentReport("kube-apiserver", { status: { ready: serverReady } });
  return explainLostServer(
    { net: { ...base.net, probeConnect } },
    {
      subject: { report: manager(), container: NAME, reports: [server] },
      tries: lines.map((line, index) => ({ atMs: index * 2000, line })),
    },
  );
}

function manager(): PodReport {
  const built = buildComponentReport(NAME);
  const containers = built.pod.spec.containers.map((container) => ({
    ...container,
    command: [NAME, "--kubeconfig=/c.conf"],
  }));
  return { ...built, pod: { ...built.pod, spec: { ...built.pod.spec, containers } } };
}

test("a component whose kubeconfig sends it where nobody answers is told so with the file", async () => {
  expect(await explain([OLD, OLD])).toMatchObject({
    cause: "nobody answers at https://192.0.2.9:6443, where /c.conf sends it; the API server is ready",
    fix: expect.stringContaining("/c.conf"),
    decisiveLine: expect.stringContaining("no route to host"),
    permanent: true,
  });
});

test.each<[string, readonly string[], Parameters<typeof explain>[1]]>([
  ["somebody answers there now", [OLD, OLD], { answering: ["192.0.2.9 6443"] }],
  ["the API server is not ready itself", [OLD, OLD], { serverReady: false }],
  ["it has tried once", [OLD], {}],
  ["no address is named", ["E1122 16:59:01.000000 1 x.go:1] Unauthorized", "x"], {}],
  [
    "somebody answers at the port of https",
    Array.from({ length: 2 }, () => sentTo("https://[2001:db8::1]", "EOF")),
    { answering: ["2001:db8::1 443"] },
  ],
])("it is not told so where %s", async (_why, lines, options) => {
  expect(await explain(lines, options)).toBeUndefined();
});
