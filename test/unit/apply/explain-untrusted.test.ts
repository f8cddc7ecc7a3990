import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { explainUntrusted } from "../../../src/apply/explain-untrusted.ts";
import { buildCaSpec, buildLeafSpec } from "../../../src/pki/certificate-spec.ts";
import { issueCertificate } from "../../../src/pki/issue.ts";
import { buildComponentReport } from "../../support/build-report.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { sampleInitConfig } from "../../support/init-config.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const system = createFakeSystem();
const nowMs = system.clock.nowMs();
const { cluster } = sampleInitConfig();
const CA = buildCaSpec({ cluster, commonName: "kubernetes" });
const [signer, other] = [
  await issueCertificate({ spec: CA, nowMs }),
  await issueCertificate({ spec: CA, nowMs }),
];

/** What is said of an API server at 192.0.2.10 that serves with a certificate for it, but for a change. */
async function explain(
  change: {
    readonly addresses?: readonly string[];
    readonly madeMs?: number;
    readonly by?: typeof signer;
  } = {},
  { caDir = "pki", text = undefined as string | undefined, asDir = false } = {},
) {
  const { addresses = ["192.0.2.10"], madeMs = nowMs, by = signer } = change;
  const spec = buildLeafSpec({
    cluster,
    subject: { commonName: "kube-apiserver", organizations: [] },
    usages: ["serverAuth"],
    names: { dnsNames: [], ipAddresses: addresses },
  });
  const pair = await issueCertificate({ spec, nowMs: madeMs, signer: by });
  const dir = createTempTree({ "pki/": "dir/", "own/": "dir/" });
  if (asDir) mkdirSync(join(dir, "pki/apiserver.crt"));
  else writeFileSync(join(dir, "pki/apiserver.crt"), text ?? pair.certPem);
  writeFileSync(join(dir, caDir, "ca.crt"), signer.certPem);
  const report = buildComponentReport("kube-apiserver");
  const command = [
    `--tls-cert-file=${dir}/pki/apiserver.crt`,
    `--client-ca-file=${dir}/${caDir}/ca.crt`,
    "--advertise-address=192.0.2.10",
  ];
  const containers = report.pod.spec.containers.map((container) => ({ ...container, command }));
  const pod = { ...report.pod, spec: { ...report.pod.spec, containers } };
  return explainUntrusted(system, { report: { ...report, pod }, container: "kube-apiserver" });
}

const YEAR_MS = 365 * 86_400_000;

test.each([
  ["has expired", { madeMs: nowMs - 2 * YEAR_MS }, /it expired on/],
  ["is of tomorrow", { madeMs: nowMs + YEAR_MS }, /it is valid from/],
  ["is for another address", { addresses: ["192.0.2.1"] }, /it is not valid for 192\.0\.2\.10/],
  ["another CA has signed", { by: other }, /it was not signed by this cluster's CA/],
])("a serving certificate that %s is what its clients refuse", async (_name, change, cause) => {
  expect(await explain(change)).toMatchObject({
    summary: "up, but not trusted",
    cause: expect.stringMatching(cause),
    permanent: true,
  });
});

test("one that is well, from elsewhere than the CA, or of no use to a server that runs, is no fault of its", async () => {
  expect(await explain()).toBeUndefined();
  expect(await explain({ by: other }, { caDir: "own" })).toBeUndefined();
  expect(await explain({}, { text: "no certificate\n" })).toBeUndefined();
});

test("of a directory in the place of a certificate nothing is said here, and nothing else is lost for it", async () => {
  expect(await explain({}, { asDir: true })).toBeUndefined();
});
