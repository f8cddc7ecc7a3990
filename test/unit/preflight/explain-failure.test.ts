import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CONTROL_PLANE_COMPONENTS } from "../../../src/core/constants.ts";
import { explainFailure } from "../../../src/preflight/explain-failure.ts";

const DIR = join(import.meta.dirname, "../../fixtures/failures");

/** What each log of a real failed component must be explained with, and whether it heals by itself. */
const EXPECTED: Readonly<Record<string, readonly [cause: string, permanent: boolean]>> = {
  "etcd-address-not-here": ["no interface with the address of 198.51.100.7:33379", true],
  "etcd-cert-missing": ["pki/none.crt does not exist", true],
  "etcd-cert-no-pem": ["a certificate of etcd holds no PEM text", true],
  "etcd-datadir-is-file": ["is not a directory", true],
  "etcd-db-corrupt": ["data directory is damaged", true],
  "etcd-db-page": ["data directory is damaged", true],
  "etcd-db-short": ["data directory is damaged", true],
  "etcd-initial-cluster-mismatch": ["etcd's own name zz is not among the members", true],
  "etcd-key-mismatch": ["does not belong to its certificate", true],
  "etcd-newer-data": ["written by a newer etcd, 3.8.0", true],
  "etcd-no-members": ["too few of them answer to choose a leader", false],
  "etcd-no-memory": ["could not get memory", false],
  "etcd-no-space": ["the disk is full", true],
  "etcd-no-threads": ["etcd may start no more threads", true],
  "etcd-open-files": ["etcd may have no more files and connections open", true],
  "etcd-permission": ["this user may not use /var/lib/etcd-f3", true],
  "etcd-port-taken": ["port 32379 on 127.0.0.1 is already in use", true],
  "etcd-program-missing": ["the program /opt/bin/etcd is not there", true],
  "etcd-unknown-flag": ["this version of etcd has no flag -no-such-flag", true],
  "etcd-wal-corrupt": ["data directory is damaged", true],
  "etcd-wal-crc": ["data directory is damaged", true],
  "etcd-wal-empty": ["data directory is damaged", true],
  "etcd-wal-missing": ["data directory is damaged", true],
  "etcd-wrong-processor": ["made for another kind of processor", true],
  "kube-apiserver-address-not-here": ["no interface with the address of 198.51.100.7:36443", true],
  "kube-apiserver-bad-value": ['does not take the value "notanumber" for its flag --secure-port', true],
  "kube-apiserver-cert-missing": ["/etc/kubernetes/pki/none.crt does not exist", true],
  "kube-apiserver-etcd-cert-expired": ["a certificate expired at 2026-10-23T18:27:48Z", true],
  "kube-apiserver-etcd-cert-foreign": ["another CA signed than the one it trusts", true],
  "kube-apiserver-etcd-cert-future": ["valid only from 2026-12-22T18:27:48Z", true],
  "kube-apiserver-etcd-cert-wrongip": ["is for 10.9.9.9, but it is reached as 127.0.0.1", true],
  "kube-apiserver-etcd-client-expired": ["expired or not valid yet", true],
  "kube-apiserver-etcd-client-foreign": ["another CA signed it", true],
  "kube-apiserver-etcd-down": ["nothing answers kube-apiserver at 127.0.0.1:31111", false],
  "kube-apiserver-key-mismatch": ["does not belong to its certificate", true],
  "kube-apiserver-loopback": ["cannot announce the loopback address 127.0.0.1", true],
  "kube-apiserver-permission": ["this user may not use /etc/kubernetes/pki/sa.key", true],
  "kube-apiserver-port-taken": ["port 32379 on 127.0.0.1 is already in use", true],
  "kube-apiserver-unknown-flag": ["has no flag --no-such-flag", true],
  "kube-controller-manager-ca-missing": ["/etc/kubernetes/pki/none.crt does not exist", true],
  "kube-controller-manager-port-taken": ["port 36443 on 127.0.0.1 is already in use", true],
  "kube-controller-manager-sa-key-missing": ["/etc/kubernetes/pki/none.key does not exist", true],
  "kube-controller-manager-unknown-flag": ["has no flag --nope", true],
  "kube-scheduler-broken-kubeconfig": ["the kubeconfig broken.conf cannot be parsed", true],
  "kube-scheduler-client-expired": ["does not accept the client certificate", false],
  "kube-scheduler-no-kubeconfig": ["/etc/kubernetes/scheduler.conf does not exist", true],
  "kube-scheduler-port-taken": ["port 36443 on 127.0.0.1 is already in use", true],
  "kube-scheduler-unknown-authority": ["another CA signed than the one it trusts", true],
  "kube-scheduler-unknown-flag": ["has no flag --nope", true],
};

/** Lines of a log whose last is written `agoMs` before the end. */
function explain(
  lines: readonly string[],
  end: { exitCode?: number; signal?: number; agoMs?: number; component?: string } = { exitCode: 1 },
) {
  const { component = "etcd", exitCode, signal, agoMs = 0 } = end;
  const timed = lines.map((line) => ({ atMs: 0, line }));
  return explainFailure({ component, exitCode, signal, lines: timed, untilMs: agoMs });
}

test.each(Object.entries(EXPECTED))("explains the real log %s", (name, [cause, permanent]) => {
  const component = CONTROL_PLANE_COMPONENTS.find((known) => name.startsWith(known)) ?? "";
  const lines = readFileSync(join(DIR, `${name}.log`), "utf8").split("\n");
  const explanation = explain(lines, { component, exitCode: 1 });
  expect(explanation?.cause).toContain(cause);
  expect(explanation?.permanent).toBe(permanent);
  expect(explanation?.decisiveLine).not.toBe("");
  expect(explanation?.fix).toBeTruthy();
});

const REFUSED =
  'W1122 16:59:01.000000       1 a.go:1] "dial tcp 127.0.0.1:2379: connect: connection refused"';

test("every log among the fixtures has its explanation", () => {
  expect(readdirSync(DIR).sort()).toEqual(Object.keys(EXPECTED).map((name) => `${name}.log`));
});

test("a component that was killed is told so, whether by signal or by the shell's exit code, and had no last word", () => {
  expect(explain([REFUSED], { signal: 9 })).toMatchObject({
    cause: expect.stringContaining("SIGKILL"),
    decisiveLine: "",
  });
  expect(explain([], { exitCode: 137 })?.cause).toContain("SIGKILL");
});

test("what was complained of long before the end, or before now, is no cause any more", () => {
  expect(explain([REFUSED], { exitCode: 1, agoMs: 140_000 })?.cause).toContain("nothing answers");
  expect(explain([REFUSED], { exitCode: 1, agoMs: 150_000 })?.cause).toBeUndefined();
  expect(explain([REFUSED], { agoMs: 150_000 })?.cause).toBeUndefined();
  const late = "E1122 18:00:00.000001       1 a.go:1] etcdserver: request timed out";
  expect(explain([late], { agoMs: 10_000 })?.cause).toContain("did not answer the API server in time");
  expect(explain([late], { agoMs: 20_000 })?.cause).toBeUndefined();
});

test("who was told to end is not given up for what it complained of before", () => {
  const foreign =
    "E1122 18:00:00.000001       1 a.go:1] tls: failed to verify certificate: x509: certificate signed by unknown authority";
  expect(explain([foreign], { exitCode: 1 })).toMatchObject({ permanent: true });
  for (const exitCode of [143, 128 + 15])
    expect(explain([foreign], { exitCode })).toMatchObject({
      cause: expect.stringContaining("another CA"),
      permanent: false,
    });
});

test("an unknown death shows the line it died with, not the stack after it", () => {
  const lines = [
    "I1122 18:00:00.000001       1 a.go:1] fine",
    "panic: what now",
    "",
    "goroutine 1 [running]:",
  ];
  expect(explain(lines)).toEqual({
    decisiveLine: "panic: what now",
    cause: undefined,
    fix: undefined,
    permanent: false,
    inManifest: true,
  });
});

test("a death by something unknown tells the function, but for Go's own", () => {
  const lines = [
    "panic: no",
    "",
    "goroutine 7 gp=0x1 m=0 [running]:",
    "runtime.throw({0x1})",
    "\truntime/panic.go:9",
  ];
  expect(explain([...lines, "example.org/a/b.(*Tx).page(0x18?)"])?.decisiveLine).toBe(
    "panic: no, in example.org/a/b.(*Tx).page",
  );
});

test("without a deadly line the last error stands for itself", () => {
  const lines = ['E1122 18:00:00.000001       1 a.go:1] "Went wrong" err="oh \\"no\\""', "bye"];
  expect(explain(lines)?.decisiveLine).toBe('Went wrong: oh "no"');
});

test("faults of those who call a server are not its own", () => {
  const line =
    '{"level":"warn","msg":"rejected connection on client endpoint","error":"x509: certificate signed by unknown authority"}';
  expect(explain([line])?.cause).toBeUndefined();
});

test("an empty log explains nothing", () => {
  expect(explain(["", ""])).toBeUndefined();
});

test("secrets in the decisive line are hidden", () => {
  expect(explain(["panic: bad header Authorization: Bearer abcdefghijklmnop"])?.decisiveLine).not.toContain(
    "abcdefgh",
  );
});

test("any lines give an explanation or none, never an exception", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (lines) => {
      explain(lines);
    }),
  );
});

test.each([
  ["etcd", "raise resources.limits.memory of etcd in the patches of the configuration, then: slipway init"],
  ["web", "raise resources.limits.memory of web in its manifest"],
])("who may have too little memory is told where its limit stands: %s", (component, fix) => {
  const ended = { exitCode: 137, signal: 9, outOfMemory: { limit: "64Mi" } };
  expect(explainFailure({ component, ...ended, lines: [], untilMs: 0 })?.fix).toBe(fix);
});
