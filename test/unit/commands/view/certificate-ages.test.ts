import { expect, test } from "vitest";
import { readCertificateAges } from "../../../../src/commands/view/certificate-ages.ts";
import { buildCaSpec } from "../../../../src/pki/certificate-spec.ts";
import { issueCertificate } from "../../../../src/pki/issue.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { sampleInitConfig } from "../../../support/init-config.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

test("a certificate that begins tomorrow is not valid yet, one that began today is", async () => {
  const { cluster } = sampleInitConfig({});
  const system = createFakeSystem();
  const spec = buildCaSpec({ cluster: { ...cluster, encryptionAlgorithm: "ECDSA-P256" }, commonName: "x" });
  const make = async (laterMs: number) =>
    (await issueCertificate({ spec, nowMs: system.clock.nowMs() + laterMs })).certPem;
  const root = createTempTree({ "a.crt": await make(0), "b.crt": await make(86_400_000) });
  const entries = ["a.crt", "b.crt"].map((name) => ({
    kind: "file" as const,
    path: `${root}/${name}`,
    existedBefore: false,
  }));
  const ages = await readCertificateAges(system, entries);
  expect(ages.map(({ path, notYetValid }) => [path.slice(-5), notYetValid])).toEqual([
    ["a.crt", false],
    ["b.crt", true],
  ]);
});
