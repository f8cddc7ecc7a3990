import { expect, test } from "vitest";
import { collectBundle } from "../../../../src/commands/doctor/collect-bundle.ts";
import { runDoctor } from "../../../../src/commands/doctor/doctor.ts";
import { writeBundle } from "../../../../src/commands/doctor/write-bundle.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const KEY_LINE = "MHcCAQEEIBzVqGx0bF1vQ2Nyb3VjaGVzdGVyIQ";
const MANIFEST =
  "kind: Pod\nspec:\n  containers:\n  - name: x\n    env:\n    - { name: PW, value: hunter2 }\n";

function bundle(entries: Readonly<Record<string, string>>) {
  const rootDir = createTempTree({
    "/proc/1/cmdline": "init\0",
    "/etc/kubernetes/pki/sa.key": `-----BEGIN EC PRIVATE KEY-----\n${KEY_LINE}\n-----END EC PRIVATE KEY-----\n`,
    ...entries,
  });
  return createFakeSystem({ rootDir });
}

async function collect(entries: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, string>> {
  const system = bundle(entries);
  const diagnosis = await runDoctor(system, { root: "/", configPath: undefined });
  const files = await collectBundle(system, { root: "/", diagnosis });
  return new Map(files.map(({ path, text }) => [path, text]));
}

test("a line of a key is left out wherever it stands, and so are values of variables", async () => {
  const files = await collect({
    "/etc/kubernetes/manifests/x.yaml": MANIFEST,
    "/var/log/slipway/runner.log": `read ${KEY_LINE} and token: abc\n`,
  });
  expect(files.get("runner.log")).toBe("read <hidden> and token: <hidden>\n");
  expect(files.get("manifests/x.yaml")).toContain("name: PW\n      value: <hidden>");
  expect([...files.values()].join()).not.toMatch(new RegExp(`${KEY_LINE}|hunter2`));
});

test("a manifest that is no YAML is left out, and what cannot be read says so", async () => {
  const files = await collect({ "/etc/kubernetes/manifests/x.yaml": "a: [hunter2\n" });
  expect(files.get("manifests/x.yaml")).toMatch(/^# left out: line \d is not YAML/);
  expect(files.get("ledger.json.unreadable")).toContain("ENOENT");
  expect(JSON.parse(files.get("doctor.json") ?? "")).toMatchObject({ kind: "Diagnosis" });
});

test("a bundle that cannot be written is told with its path", async () => {
  const system = bundle({});
  const diagnosis = await runDoctor(system, { root: "/", configPath: undefined });
  await expect(writeBundle(system, { root: "/", path: "/none/out.tar.gz", diagnosis })).rejects.toMatchObject(
    {
      code: "SLIPWAY_FILE_ACCESS",
      what: "cannot write the bundle /none/out.tar.gz",
    },
  );
});
