import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listTree } from "../support/machine.ts";
import { NOBODY, type Outcome, preparePlane, runSlipway, succeed, type TestPlane } from "../support/plane.ts";

/** In the order of their names, as a dry run prints them. */
const FILES = ["etcd.yaml", "kube-apiserver.yaml", "kube-controller-manager.yaml", "kube-scheduler.yaml"];

let plane: TestPlane;
let printed: Outcome;
let before: readonly string[];
let after: readonly string[];

beforeAll(async () => {
  plane = await preparePlane();
  before = listTree(plane.dir);
  printed = await dryRun();
  after = listTree(plane.dir);
});
afterAll(() => plane.destroy());

/** As a user who has no rights, no home and, with `unshare`, no network. */
function dryRun(...args: readonly string[]): Promise<Outcome> {
  return runSlipway(
    ["init", "--dry-run", "--config", plane.configPath, "--root", plane.root, ...args],
    process.getuid?.() === 0 ? { uid: NOBODY, withoutNetwork: true } : {},
  );
}

test("a dry run as an ordinary user without a network changes nothing", () => {
  expect(printed.exitCode).toBe(0);
  expect(after).toEqual(before);
});

test("a dry run says on stderr nothing but warnings", () => {
  for (const line of printed.stderr.trimEnd().split("\n")) expect(line).toMatch(/^(?:warning: .*|)$/);
});

test("-o json prints the pods as one List", async () => {
  const list = JSON.parse((await dryRun("-o", "json")).stdout);
  expect(list).toMatchObject({ apiVersion: "v1", kind: "List" });
  expect(list.items.map((pod: { kind: string }) => pod.kind)).toEqual(FILES.map(() => "Pod"));
});

test("--plan prints every step and changes nothing", async () => {
  const { exitCode, stdout } = await dryRun("--plan");
  expect(exitCode).toBe(0);
  expect(stdout).toContain(plane.path("etc/kubernetes/pki/apiserver.crt"));
  expect(stdout).toContain(plane.path("etc/kubernetes/manifests/etcd.yaml"));
  expect(listTree(plane.dir)).toEqual(before);
});

test("what a dry run prints is byte for byte what init then writes", async () => {
  const outputDir = await mkdtemp(join(tmpdir(), "slipway-test-"));
  try {
    const written = await plane.slipway(
      ...["init", "--dry-run", "--config", plane.configPath, "--output-dir", outputDir],
    );
    expect(written.exitCode).toBe(0);
    succeed(await plane.init());
    const manifestDir = plane.path("etc/kubernetes/manifests");
    expect((await readdir(manifestDir)).sort()).toEqual(FILES);
    const texts = await Promise.all(FILES.map((name) => readFile(join(manifestDir, name), "utf8")));
    expect(printed.stdout).toBe(texts.join("---\n"));
    for (const [index, name] of FILES.entries()) {
      expect(await readFile(join(outputDir, name), "utf8")).toBe(texts[index]);
    }
  } finally {
    await rm(outputDir, { recursive: true });
  }
});

test("the API server accepts the pods of a dry run", async () => {
  const path = join(plane.dir, "all.yaml");
  await writeFile(path, printed.stdout);
  // Admission gives each pod that is no mirror the service account, which the controller-manager makes in its time.
  await plane.kubectl("wait", "--for=create", "serviceaccount/default", "-n", "kube-system", "--timeout=60s");
  const answer = await plane.kubectl("apply", "--dry-run=server", "-f", path);
  expect(answer.split("\n")).toEqual(
    FILES.map((name) => `pod/${name.replace(".yaml", "")} created (server dry run)`),
  );
});
