import { mkdtemp, readFile, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findKubectl, MAIN } from "../support/plane.ts";

const SCRIPT = resolve(import.meta.dirname, "../support/on-whole-machine.sh");

// It needs root for its namespaces and its mounts.
describe.runIf(process.getuid?.() === 0)("on / with every default and no network but loopback", () => {
  let dir: string;
  const read = async (name: string): Promise<string> => (await readFile(join(dir, name), "utf8")).trimEnd();

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "slipway-test-"));
    const namespaces = ["--mount", "--net", "--pid", "--fork", "--kill-child"];
    await execa("unshare", [...namespaces, ...[SCRIPT, process.execPath, MAIN, await findKubectl(), dir]]);
  });
  afterAll(() => rm(dir, { recursive: true }));

  test("init takes 127.0.0.1 with one warning and ends with a running control plane", async () => {
    const stderr = await read("init.err");
    expect(await read("init.code"), stderr).toBe("0");
    expect(await read("init.out")).toContain("https://127.0.0.1:6443\n");
    expect(await read("init.out")).toContain("export KUBECONFIG=/etc/kubernetes/admin.conf\n");
    const warnings = stderr.split("\n").filter((line) => line.startsWith("warning:"));
    expect(warnings.filter((line) => line.includes("127.0.0.1"))).toHaveLength(1);
    expect(JSON.parse(await read("status.json"))).toMatchObject({ healthy: true });
  });

  test("the node has the machine's name and is ready", async () => {
    const { items } = JSON.parse(await read("nodes.json"));
    expect(items).toHaveLength(1);
    expect(items[0].metadata.name).toBe(hostname().toLowerCase());
    expect(items[0].status.conditions).toContainEqual(
      expect.objectContaining({ type: "Ready", status: "True" }),
    );
  });

  test("reset leaves /etc, /var and /run as they were, and no process", async () => {
    expect(await read("reset.code"), await read("reset.out")).toBe("0");
    expect((await read("after")).split("\n")).toEqual((await read("before")).split("\n"));
    expect((await read("processes")).split("\n").filter(Boolean)).toEqual([expect.stringContaining(SCRIPT)]);
  });
});
