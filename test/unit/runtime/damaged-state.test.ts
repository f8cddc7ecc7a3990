import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readLedger } from "../../../src/apply/ledger.ts";
import { readRunnerConfig } from "../../../src/commands/runner/read-runner-config.ts";
import { SlipwayError } from "../../../src/core/errors.ts";
import { buildPaths } from "../../../src/core/paths.ts";
import { readPodRecord } from "../../../src/runner/pod/pod-record.ts";
import { parseContainerRecord } from "../../../src/runtime/container-record.ts";
import { openContainerStore } from "../../../src/runtime/container-store.ts";
import { readLogState } from "../../../src/runtime/logs/log-state.ts";
import { readMadePaths } from "../../../src/runtime/made-paths.ts";
import { buildPod } from "../../support/build-pod.ts";
import { buildContainerSpec } from "../../support/container-spec.ts";
import { createFakeSystem } from "../../support/fake-system.ts";

const ID = "a".repeat(64);
const BOOT_ID = "00000000-0000-4000-8000-000000000000";

/** What stands in each kind of state file when all is well. */
const WHOLE = {
  record: JSON.stringify({
    id: ID,
    spec: buildContainerSpec(),
    imageId: "sleep",
    argv: ["sleep"],
    cgroups: [{ dir: "/sys/fs/cgroup/x", version: 2, controllers: ["cpu"] }],
    startedAtMs: 1,
  }),
  identity: `123 456 ${BOOT_ID}\n`,
  exit: "137 lost\n",
  log: JSON.stringify({ offsets: { stdout: 12, stderr: 0 }, sizeBytes: 40 }),
  madePaths: `\n${JSON.stringify({ kind: "dir", path: "/srv/data" })}\n`,
  pod: JSON.stringify({ status: { phase: "Running" }, stops: {} }),
  ledger: JSON.stringify({
    apiVersion: "slipway.dev/v1",
    kind: "Ledger",
    root: "/",
    kubernetesVersion: "v1.37.2",
    nodeName: "node-1",
    entries: [{ kind: "file", path: "/etc/kubernetes/admin.conf", existedBefore: false }],
  }),
  runnerConfig:
    "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nstaticPodPath: /m\n---\napiVersion: slipway.dev/v1\nkind: RunnerConfiguration\nnodeName: node-1\nnodeIP: 127.0.0.1\nkubernetesVersion: v1.37.2\n",
} as const;

type Kind = keyof typeof WHOLE;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-damaged-"));
  mkdirSync(join(dir, "var/lib/slipway"), { recursive: true });
  mkdirSync(join(dir, "containers", ID), { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Puts the bytes into the file of that kind and reads it as the program does. */
async function readBack(kind: Kind, bytes: Uint8Array): Promise<unknown> {
  const system = createFakeSystem();
  const paths = buildPaths({ root: dir, uid: 0 });
  const store = await openContainerStore(system, join(dir, "containers"));
  const put = (path: string): string => {
    writeFileSync(path, bytes);
    return path;
  };
  switch (kind) {
    case "record":
      put(store.pathsOf(ID).recordPath);
      return store.readRecord(ID);
    case "identity":
      put(store.pathsOf(ID).identityPath);
      return store.readIdentity(ID);
    case "exit":
      put(store.pathsOf(ID).exitPath);
      return store.readExit(ID);
    case "log":
      return readLogState(system, put(store.pathsOf(ID).logStatePath));
    case "madePaths":
      return readMadePaths(system, put(join(dir, "made-paths.jsonl")));
    case "pod": {
      const pod = buildPod();
      mkdirSync(join(dir, "pods", pod.metadata.uid), { recursive: true });
      put(join(dir, "pods", pod.metadata.uid, "status.json"));
      return readPodRecord(system, { podsDir: join(dir, "pods"), pod });
    }
    case "ledger":
      put(paths.ledgerPath);
      return readLedger(createFakeSystem({ rootDir: dir }), buildPaths({ root: "/", uid: 0 }));
    case "runnerConfig":
      put(paths.runnerConfigPath);
      return readRunnerConfig(system, paths);
  }
}

const KINDS = Object.keys(WHOLE) as Kind[];

/** What a power cut makes of a text: a part of it, with zeros at its end, or with some bytes changed; or any bytes at all. */
function damaged(kind: Kind): fc.Arbitrary<Uint8Array> {
  const whole = Buffer.from(WHOLE[kind]);
  const cut = fc.nat({ max: whole.length }).map((length) => whole.subarray(0, length));
  const zeroed = fc
    .nat({ max: whole.length })
    .map((length) => Buffer.concat([whole.subarray(0, length), Buffer.alloc(whole.length - length)]));
  const changed = fc
    .array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 })
    .map((changes) => {
      const bytes = Buffer.from(whole);
      for (const [at, byte] of changes) bytes[at] = byte;
      return bytes;
    });
  const json = fc.json().map((text) => Buffer.from(text));
  return fc.oneof(cut, zeroed, changed, json, fc.uint8Array({ maxLength: 64 }));
}

test.each(KINDS)("a whole file can be read: %s", async (kind) => {
  expect(await readBack(kind, Buffer.from(WHOLE[kind]))).toBeDefined();
});

test.each(KINDS)("whatever stands in the file, it gives a value or says what is wrong: %s", async (kind) => {
  await fc.assert(
    fc.asyncProperty(damaged(kind), async (bytes) => {
      await readBack(kind, bytes).catch((error: unknown) => expect(error).toBeInstanceOf(SlipwayError));
    }),
    { numRuns: 300 },
  );
});

test("a record that lacks anything a later runner needs is none, and so is another container's", () => {
  const whole: Readonly<Record<string, unknown>> = JSON.parse(WHOLE.record);
  const spec = whole["spec"] as Readonly<Record<string, unknown>>;
  const needed = ["podUid", "podName", "containerName", "attempt", "logPath", "graceSeconds", "annotations"];
  for (const name of needed) {
    const text = JSON.stringify({ ...whole, spec: { ...spec, [name]: undefined } });
    expect(parseContainerRecord(text, ID), name).toBeUndefined();
  }
  expect(parseContainerRecord(WHOLE.record, "b".repeat(64))).toBeUndefined();
  expect(parseContainerRecord(WHOLE.record, ID)).toMatchObject({ id: ID });
});
