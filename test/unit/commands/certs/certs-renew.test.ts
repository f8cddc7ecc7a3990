import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { readLedger, writeLedger } from "../../../../src/apply/ledger.ts";
import { formatExpiration } from "../../../../src/cli/format/format-certs.ts";
import { describeMissing, runRenew } from "../../../../src/commands/certs/certs-renew.ts";
import { runCheckExpiration } from "../../../../src/commands/certs/check-expiration.ts";
import { runInitPhase } from "../../../../src/commands/init/init-phase.ts";
import type { ClusterSettings } from "../../../../src/config/types.ts";
import { buildPaths } from "../../../../src/core/paths.ts";
import { createNet } from "../../../../src/system/net.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { createFakeUi } from "../../../support/fake-ui.ts";
import { sampleInitConfig } from "../../../support/init-config.ts";
import { sampleInitOptions } from "../../../support/init-options.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const system = { ...createFakeSystem(), net: createNet() };
const { signal } = new AbortController();
let root: string;
let cluster: ClusterSettings;

beforeEach(async () => {
  root = createTempTree({});
  cluster = sampleInitConfig({ cluster: { certificatesDir: join(root, "etc/kubernetes/pki") } }).cluster;
  for (const phase of ["certs/all", "kubeconfig/all", "control-plane/scheduler"])
    await runInitPhase(system, { phase, options: sampleInitOptions(root), ui: createFakeUi(), signal });
});

const renew = (name: string) =>
  runRenew(system, { root, name, cluster, keepRunning: false, ui: createFakeUi(), signal });
const pathOf = (name: string): string => join(cluster.certificatesDir, name);
const readCert = (name: string): X509Certificate => new X509Certificate(readFileSync(pathOf(name)));

test("a renewed certificate has another key and number, and says the same", async () => {
  const before = readCert("apiserver.crt");
  const { certificates } = await renew("apiserver");
  const after = readCert("apiserver.crt");
  expect(certificates).toMatchObject([{ name: "apiserver", outcome: "renewed" }]);
  expect(after.serialNumber).not.toBe(before.serialNumber);
  expect(after.publicKey.equals(before.publicKey)).toBe(false);
  expect([after.subject, after.subjectAltName, after.keyUsage]).toEqual([
    before.subject,
    before.subjectAltName,
    before.keyUsage,
  ]);
  expect(after.verify(readCert("ca.crt").publicKey)).toBe(true);
});

test("all renews every certificate but the CAs, and names what still runs with the old ones", async () => {
  const ca = readFileSync(pathOf("ca.crt"), "utf8");
  const { certificates, outdated, restarted } = await renew("all");
  expect(certificates.map(({ name }) => name)).toEqual([
    ...[
      "admin.conf",
      "apiserver",
      "apiserver-etcd-client",
      "apiserver-kubelet-client",
      "controller-manager.conf",
    ],
    ...["etcd-healthcheck-client", "etcd-peer", "etcd-server", "front-proxy-client", "kubelet.conf"],
    ...["scheduler.conf", "super-admin.conf"],
  ]);
  expect(certificates.every(({ outcome }) => outcome === "renewed")).toBe(true);
  expect(readFileSync(pathOf("ca.crt"), "utf8")).toBe(ca);
  expect([restarted, outdated]).toEqual([[], ["kube-scheduler"]]);
});

test("what a CA kept elsewhere signs is left, and told as kubeadm tells it", async () => {
  rmSync(pathOf("etcd/ca.key"));
  const paths = buildPaths({ root, uid: system.host.uid });
  const ledger = await readLedger(system, paths);
  if (ledger === undefined) throw new Error("no ledger");
  const entries = ledger.entries.map((entry) =>
    entry.path === pathOf("etcd/ca.crt") ? { ...entry, existedBefore: true } : entry,
  );
  await writeLedger(system, { paths, ledger: { ...ledger, entries }, configText: undefined });
  const { certificates } = await renew("etcd-server");
  expect(certificates).toMatchObject([{ outcome: "external", authority: "etcd/ca" }]);
  const { certificates: ends } = await runCheckExpiration(system, { root, cluster });
  expect(ends.find(({ name }) => name === "etcd-server")).toMatchObject({ externallyManaged: true });
});

test("without the key of a CA that init had nothing that it signs is renewed, nor anything beside it", async () => {
  rmSync(pathOf("etcd/ca.key"));
  const before = readFileSync(pathOf("apiserver.crt"), "utf8");
  for (const name of ["all", "etcd-peer"])
    await expect(renew(name)).rejects.toMatchObject({
      code: "SLIPWAY_PREFLIGHT",
      what: `nothing was renewed: there is no ${pathOf("etcd/ca.key")}`,
    });
  expect(readFileSync(pathOf("apiserver.crt"), "utf8")).toBe(before);
  const answer = await runCheckExpiration(system, { root, cluster });
  expect(answer.lostKeys).toEqual([pathOf("etcd/ca.key")]);
  expect(
    [...answer.certificates, ...answer.certificateAuthorities].map((each) => each.externallyManaged),
  ).not.toContain(true);
  expect(formatExpiration(answer)).toContain(`\n${pathOf("etcd/ca.key")} is not there\n  why: init had`);
  expect((await renew("apiserver")).certificates).toMatchObject([{ outcome: "renewed" }]);
});

test("a certificate that is not there is missing and not made: an error names its file and what to do", async () => {
  rmSync(pathOf("front-proxy-client.crt"));
  const answer = await renew("front-proxy-client");
  expect(answer.certificates).toMatchObject([{ outcome: "missing" }]);
  expect(describeMissing(answer, "front-proxy-client")).toMatchObject({
    code: "SLIPWAY_CERT_UNREADABLE",
    exitCode: 1,
    what: `${pathOf("front-proxy-client.crt")} was not renewed`,
    fix: "put it back, or have it made anew: slipway init",
  });
  expect(existsSync(pathOf("front-proxy-client.crt"))).toBe(false);
  const { certificates } = await runCheckExpiration(system, { root, cluster });
  expect(certificates.find(({ name }) => name === "front-proxy-client")).toMatchObject({ missing: true });
});

test("all renews what is there and errs for what is not, but for super-admin.conf, which is taken away on purpose", async () => {
  rmSync(join(root, "etc/kubernetes/super-admin.conf"));
  const { certificates, ...answer } = await renew("all");
  expect(certificates.map(({ outcome }) => outcome)).toEqual([...Array(11).fill("renewed"), "missing"]);
  expect(describeMissing({ certificates, ...answer }, "all")).toBeUndefined();
  expect(describeMissing({ certificates, ...answer }, "super-admin.conf")).toBeDefined();
  rmSync(pathOf("apiserver.crt"));
  rmSync(pathOf("etcd/peer.crt"));
  expect(describeMissing(await renew("all"), "all")?.what).toBe(
    `${pathOf("apiserver.crt")}, ${pathOf("etcd/peer.crt")} were not renewed`,
  );
});

test("one that cannot be read is refused with what to do, and stays", async () => {
  writeFileSync(pathOf("apiserver.crt"), "rubbish");
  await expect(renew("apiserver")).rejects.toMatchObject({
    code: "SLIPWAY_CERT_UNREADABLE",
    what: `the certificate in ${pathOf("apiserver.crt")} cannot be used`,
  });
  expect(readFileSync(pathOf("apiserver.crt"), "utf8")).toBe("rubbish");
});

test("all is looked at before the first is written: the last one's damage keeps the first as it is", async () => {
  const before = readFileSync(pathOf("apiserver.crt"), "utf8");
  writeFileSync(pathOf("front-proxy-ca.key"), readFileSync(pathOf("ca.key")));
  await expect(renew("all")).rejects.toMatchObject({ code: "SLIPWAY_CERT_KEY_MISMATCH" });
  writeFileSync(pathOf("front-proxy-client.crt"), "rubbish");
  await expect(renew("all")).rejects.toMatchObject({ code: "SLIPWAY_CERT_UNREADABLE" });
  expect(readFileSync(pathOf("apiserver.crt"), "utf8")).toBe(before);
});

test("a CA that has ended renews nothing", async () => {
  const before = readFileSync(pathOf("apiserver.crt"), "utf8");
  const later = { ...createFakeSystem(), net: createNet() };
  await later.clock.advance(11 * 365 * 86_400_000);
  const options = { root, name: "all", cluster, keepRunning: false, ui: createFakeUi(), signal };
  await expect(runRenew(later, options)).rejects.toMatchObject({
    code: "SLIPWAY_CERT_EXPIRED",
    what: `the certificate in ${pathOf("ca.crt")} cannot be used`,
  });
  expect(readFileSync(pathOf("apiserver.crt"), "utf8")).toBe(before);
});

test.each(["apiserver.key", "apiserver.crt", "ca.key", "ca.crt"])(
  "a directory in the place of %s is named",
  async (name) => {
    rmSync(pathOf(name));
    mkdirSync(pathOf(name));
    await expect(renew("apiserver")).rejects.toMatchObject({
      code: "SLIPWAY_FILE_ACCESS",
      what: expect.stringMatching(new RegExp(`^cannot (?:read|write) ${pathOf(name)}$`)),
      why: "it is a directory",
    });
  },
);

test("an unknown name is refused with the nearest", async () => {
  await expect(async () => renew("apisever")).rejects.toMatchObject({
    code: "SLIPWAY_USAGE",
    fix: 'did you mean "apiserver"?',
  });
});
