import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listTree } from "../support/machine.ts";
import { NOBODY, type Outcome, preparePlane, runSlipway, type TestPlane } from "../support/plane.ts";

let plane: TestPlane;
const asRoot = process.getuid?.() === 0;

beforeEach(async () => {
  plane = await preparePlane();
});
afterEach(() => plane.destroy());

/** Runs init and holds what every refusal promises: what, why, fix and code on stderr, and an untouched disk. */
async function initRefused(
  code: string,
  options: { readonly exitCode: number; readonly run?: () => Promise<Outcome> },
): Promise<string> {
  const before = listTree(plane.dir);
  const outcome = await (options.run ?? plane.init)();
  expect(outcome.stderr).toMatch(/^error: .+\n {2}why: .+(?:\n {7}.+)*\n {2}fix: .+\n {2}code: /m);
  expect(outcome.stderr.trimEnd().split("\n").at(-1)).toBe(`  code: ${code}`);
  expect(outcome).toMatchObject({ exitCode: options.exitCode, stdout: "" });
  expect(listTree(plane.dir)).toEqual(before);
  return outcome.stderr;
}

test("broken YAML is refused with its place", async () => {
  await writeFile(plane.configPath, "apiVersion: kubeadm.k8s.io/v1beta4\nkind: [InitConfiguration\n");
  const text = await initRefused("SLIPWAY_CONFIG_INVALID", { exitCode: 3 });
  expect(text).toContain(`${plane.configPath}:3:1: `);
});

test("an unknown field is refused with the nearest name", async () => {
  await plane.editConfig((text) => text.replace("podSubnet", "podSubnett"));
  const text = await initRefused("SLIPWAY_CONFIG_INVALID", { exitCode: 3 });
  expect(text).toContain("podSubnett");
  expect(text).toContain("did you mean podSubnet?");
});

test("a port out of range is refused by its field", async () => {
  await plane.editConfig((text) => text.replace(/bindPort: \d+/, "bindPort: 70000"));
  const text = await initRefused("SLIPWAY_CONFIG_INVALID", { exitCode: 3 });
  expect(text).toContain("bindPort");
  expect(text).toContain("70000");
});

test("a root below a file is refused in words", async () => {
  const run = () =>
    runSlipway(["init", "--yes", "--root", join(plane.configPath, "x"), "--config", plane.configPath]);
  const text = await initRefused("SLIPWAY_FILE_ACCESS", { exitCode: 1, run });
  expect(text).toContain("a part of the path is not a directory");
});

test("networks that overlap are refused together", async () => {
  await plane.editConfig((text) => text.replace("10.244.0.0/16", "10.96.0.0/16"));
  const text = await initRefused("SLIPWAY_CONFIG_INVALID", { exitCode: 3 });
  expect(text).toContain("10.96.0.0/16");
  expect(text).toContain("10.96.0.0/12");
});

test("several mistakes are told at once", async () => {
  await plane.editConfig((text) =>
    text.replace(/bindPort: \d+/, "bindPort: 70000").replace("podSubnet", "podSubnett"),
  );
  const text = await initRefused("SLIPWAY_CONFIG_INVALID", { exitCode: 3 });
  expect(text).toContain("70000");
  expect(text).toContain("podSubnett");
});

test("a version that is not supported is refused with those that are", async () => {
  await plane.editConfig((text) => text.replace("v1.37.2", "v1.20.0"));
  const text = await initRefused("SLIPWAY_CONFIG_INVALID", { exitCode: 3 });
  expect(text).toContain("v1.20.0");
  expect(text).toMatch(/1\.3[4-7]/);
});

test("a configuration file that is not there is named", async () => {
  const run = (): Promise<Outcome> => plane.slipway("init", "--config", join(plane.dir, "none.yaml"));
  const text = await initRefused("SLIPWAY_CONFIG_UNREADABLE", { exitCode: 3, run });
  expect(text).toContain("none.yaml");
});

test("a wrong flag is usage, with the nearest one", async () => {
  const { exitCode, stderr } = await plane.slipway("init", "--pod-network-cdir", "10.0.0.0/8");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("--pod-network-cidr");
});

test("a port that is taken is refused with the process that has it", async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(plane.ports.apiServer, "127.0.0.1", done));
  try {
    const text = await initRefused("SLIPWAY_PREFLIGHT", { exitCode: 4 });
    expect(text).toContain(String(plane.ports.apiServer));
    expect(text).toContain(`pid ${process.pid}`);
  } finally {
    server.close();
  }
});

test("with -o json a refusal is one JSON object on stderr", async () => {
  await plane.editConfig((text) => text.replace("podSubnet", "podSubnett"));
  const { exitCode, stdout, stderr } = await plane.init("-o", "json");
  expect(exitCode).toBe(3);
  expect(stdout).toBe("");
  expect(JSON.parse(stderr)).toMatchObject({
    code: "SLIPWAY_CONFIG_INVALID",
    what: expect.any(String),
    why: expect.any(String),
    fix: expect.any(String),
  });
});

test("a second init or reset on the same root is told who holds it", async () => {
  const first = plane.begin("init", "--config", plane.configPath);
  try {
    await expect.poll(() => listTree(plane.path("var/lib/slipway")).length).toBeGreaterThan(0);
    for (const command of [plane.init(), plane.slipway("reset", "--force")]) {
      const { exitCode, stderr } = await command;
      expect(exitCode).toBe(1);
      expect(stderr).toContain("code: SLIPWAY_LOCKED");
      expect(stderr).toMatch(new RegExp(`why: slipway init.* \\(pid ${first.pid}\\) holds its lock`));
    }
  } finally {
    expect(await first.done).toMatchObject({ exitCode: 0 });
  }
});

test.runIf(asRoot)(
  "a configuration file of another user is refused with the command that shows it",
  async () => {
    await chmod(plane.configPath, 0o600);
    const run = (): Promise<Outcome> => asNobody("--config", plane.configPath, "--root", plane.root);
    const text = await initRefused("SLIPWAY_CONFIG_UNREADABLE", { exitCode: 3, run });
    expect(text).toContain(`ls -l ${plane.configPath}`);
  },
);

test.runIf(asRoot)("a root that this user cannot write to is refused before anything is done", async () => {
  await mkdir(plane.root, { mode: 0o755 });
  await chown(plane.root, 0, 0);
  const run = (): Promise<Outcome> => asNobody("--config", plane.configPath, "--root", plane.root);
  const text = await initRefused("SLIPWAY_PREFLIGHT", { exitCode: 4, run });
  expect(text).toContain(`[Writable] nothing can be written to ${plane.root}`);
});

test.runIf(asRoot)("init on / as an ordinary user asks for root, or for a root of one's own", async () => {
  const run = (): Promise<Outcome> => asNobody("--config", plane.configPath);
  const text = await initRefused("SLIPWAY_PREFLIGHT", { exitCode: 4, run });
  expect(text).toContain("--root");
});

function asNobody(...args: readonly string[]): Promise<Outcome> {
  return runSlipway(["init", ...args], { uid: NOBODY });
}
