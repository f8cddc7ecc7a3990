import { existsSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { processesNaming } from "../support/machine.ts";
import { findStrangers } from "../support/modes.ts";
import {
  findComponent,
  NOBODY,
  type Outcome,
  preparePlane,
  runSlipway,
  succeed,
  type TestPlane,
} from "../support/plane.ts";
import { findPid, readStatus } from "../support/status.ts";

/** The last one stays for the tests after the first. */
const planes: TestPlane[] = [];
let plane: TestPlane;
let begun: Outcome;

async function startUnder(mask: string): Promise<TestPlane> {
  const enter = ["sh", "-c", `umask ${mask} && exec "$@"`, "sh"];
  const started = await preparePlane({ host: { address: "127.0.0.1", enter } });
  planes.push(started);
  // Logs that are rotated at once.
  await started.editConfig((text) => `${text}containerLogMaxSize: 16Ki\n`);
  begun = await started.init();
  succeed(begun);
  return started;
}

beforeAll(async () => {
  plane = await startUnder("000");
});
afterAll(async () => {
  for (const started of planes) await started.destroy();
});

test("every file has the mode and the owner of the table, whatever the umask", async () => {
  expect(await findStrangers(plane.root)).toEqual([]);
  expect(await findStrangers((await startUnder("077")).root)).toEqual([]);
});

test("a runner that is restarted takes away what the last one had begun to write, and leaves all modes as they are", async () => {
  const names = await readdir(plane.path("var/lib/slipway"), { recursive: true });
  const cut = names
    .filter((name) => /(?:^|\/)(?:events\.jsonl|log\.json|container\.json|status\.json)$/.test(name))
    .map((name) => plane.path(join("var/lib/slipway", dirname(name), `.${basename(name)}.0123456789ab.tmp`)));
  expect(cut.length).toBeGreaterThan(12);
  for (const path of cut) await writeFile(path, "{", { mode: 0o600 });
  const pid = await findPid(plane, "kube-scheduler");
  process.kill(pid, "SIGKILL");
  succeed(await plane.slipway("runner", "restart"));
  expect(cut.filter((path) => existsSync(path))).toEqual([]);
  await expect.poll(() => readStatus(plane).then(({ healthy }) => healthy)).toBe(true);
  const logs = (await readdir(plane.path("var/log/pods"), { recursive: true })).join("\n");
  expect(logs).toMatch(/kube-scheduler\/1\.log$/m);
  expect(logs).toMatch(/\.log\.\d{8}-\d{6}$/m);
  expect(await findStrangers(plane.root)).toEqual([]);
});

test("nobody but root writes to the binaries that root runs", async () => {
  const cacheDir = dirname(dirname(dirname(await findComponent("etcd"))));
  const { stdout } = await execa("find", [cacheDir, "-printf", "%y %m %U:%G\n"]);
  expect(new Set(stdout.split("\n"))).toEqual(new Set(["d 755 0:0", "f 644 0:0", "f 755 0:0"]));
});

test("processes of the control plane have the umask that containers have", async () => {
  for (const started of planes) {
    const masks = await Promise.all(
      processesNaming(started.root).map(({ pid }) => readFile(`/proc/${pid}/status`, "utf8")),
    );
    expect(masks.length).toBeGreaterThan(8);
    for (const status of masks) expect(status).toMatch(/^Umask:\t0022$/m);
  }
});

test("another user cannot reach the control socket: its directory forbids it, and so does its own mode", async () => {
  for (const mode of [0o700, 0o755]) {
    await chmod(plane.path("run/slipway"), mode);
    const { exitCode, stderr } = await runSlipway(["ps", "--root", plane.root], { uid: NOBODY });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      `this user may not talk to the runner on ${plane.path("run/slipway/control.sock")}`,
    );
  }
  succeed(await plane.slipway("ps"));
  await chmod(plane.path("run/slipway"), 0o700);
});

test("root does not talk to a socket that another user has put where a runner's would be", async () => {
  const root = await mkdtemp(join(tmpdir(), "slipway-planted-"));
  const path = join(root, "run/slipway/control.sock");
  await mkdir(dirname(path), { recursive: true });
  await chmod(root, 0o755);
  await chown(dirname(path), NOBODY, NOBODY);
  const planted = `require("net").createServer(() => console.log("asked")).listen(process.argv[1], () => console.log("there"))`;
  const server = execa(process.execPath, ["-e", planted, path], { uid: NOBODY, gid: NOBODY, reject: false });
  let said = "";
  server.stdout.on("data", (chunk) => {
    said += String(chunk);
  });
  try {
    await expect.poll(() => said).toBe("there\n");
    for (const command of ["status", "start", "stop"]) {
      const { exitCode, stderr } = await runSlipway(["runner", command, "--root", root]);
      expect([command, exitCode, stderr]).toEqual([
        command,
        1,
        expect.stringContaining("SLIPWAY_RUNNER_MISMATCH"),
      ]);
      expect(stderr).toContain(`why: ${dirname(path)} belongs to uid ${NOBODY}`);
    }
    expect(said).toBe("there\n");
  } finally {
    server.kill("SIGKILL");
    await server;
    await rm(root, { recursive: true });
  }
});

/** Each key and token of the cluster as it stands in files, in one line, and decoded. */
async function listSecrets(): Promise<readonly string[]> {
  const files = (await readdir(plane.root, { recursive: true, withFileTypes: true })).filter(({ name }) =>
    /\.(?:key|conf)$/.test(name),
  );
  const texts = await Promise.all(
    files.map(({ parentPath, name }) => readFile(join(parentPath, name), "utf8")),
  );
  const data = texts.flatMap((text) =>
    [...text.matchAll(/client-key-data: (\S+)/g)].map(([, value = ""]) => value),
  );
  const pems = [...texts.filter((text) => text.includes("PRIVATE KEY")), ...data.map(decode)];
  const bodies = pems.flatMap((pem) => {
    const lines = pem.split("\n").filter((line) => line.length >= 16 && !line.startsWith("-----"));
    return [
      ...lines,
      lines.join(""),
      Buffer.from(pem).toString("base64"),
      Buffer.from(lines.join(""), "base64").toString("hex"),
    ];
  });
  const stored = await plane.kubectl("get", "secrets", "-A", "-o", "jsonpath={.items[*].data.token-secret}");
  const token = await plane.kubectl("create", "token", "default");
  const tokens = stored.split(" ").flatMap((value) => [value, decode(value)]);
  // The last line of an elliptic key is of its public half, which is no secret.
  const publicKey = await readFile(plane.path("etc/kubernetes/pki/sa.pub"), "utf8");
  return [...data, ...bodies, ...tokens, token.split(".")[2] ?? ""].filter(
    (secret) => secret.length >= 16 && !publicKey.includes(secret),
  );
}

function decode(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}

/** Where keys belong. */
const SECRET_FILES = /\/(?:pki\/.*\.key|[a-z-]+\.conf|var\/lib\/etcd\/.*)$/;

/** All that can be seen of a control plane, by where it stands. */
async function collectTexts(): Promise<readonly (readonly [where: string, text: string])[]> {
  const files = (await readdir(plane.root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !SECRET_FILES.test(path));
  const ours = processesNaming(plane.root).map(({ pid }) => pid);
  const everybody = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const commands = [["ps"], ["status"], ["events"], ["runner", "status"], ["doctor"]];
  const answers = await Promise.all(
    commands.map(async (words) => {
      const { stdout, stderr } = await plane.slipway(...words, "-o", "json");
      return [words.join(" "), stdout + stderr] as const;
    }),
  );
  const plan = await plane.init("--plan", "-o", "json");
  return [
    ...(await readAll(files)),
    ...(await readAll(everybody.map((pid) => `/proc/${pid}/cmdline`))),
    ...(await readAll(ours.map((pid) => `/proc/${pid}/environ`))),
    ...answers,
    ["init --plan", plan.stdout + plan.stderr],
    ["stderr of init", begun.stderr],
    ["the bundle", await readBundle()],
  ];
}

async function readAll(paths: readonly string[]): Promise<readonly (readonly [string, string])[]> {
  // A process may have gone meanwhile.
  return Promise.all(
    paths.map(async (path) => [path, await readFile(path, "latin1").catch(() => "")] as const),
  );
}

async function readBundle(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "slipway-safe-"));
  try {
    await plane.slipway("doctor", "--bundle", join(dir, "out.tar.gz"));
    expect((await stat(join(dir, "out.tar.gz"))).mode & 0o777).toBe(0o600);
    const { stdout } = await execa("tar", ["-xzOf", join(dir, "out.tar.gz")], { encoding: "latin1" });
    return stdout;
  } finally {
    await rm(dir, { recursive: true });
  }
}

test("no key and no token stands anywhere but in its own file", async () => {
  const secrets = await listSecrets();
  expect(secrets.length).toBeGreaterThan(80);
  const texts = await collectTexts();
  expect(texts.filter(([, text]) => text !== "").length).toBeGreaterThan(60);
  const leaks = texts.flatMap(([where, text]) =>
    secrets.filter((secret) => text.includes(secret)).map((secret) => `${where}: ${secret.slice(0, 4)}…`),
  );
  expect(leaks).toEqual([]);
});

test("nothing half written is left, neither below the root nor among temporary files", async () => {
  const names = await readdir(plane.root, { recursive: true });
  expect(names.filter((name) => /\.[0-9a-f]{12}\.tmp$/.test(name))).toEqual([]);
  const open = await Promise.all(
    processesNaming(plane.root).map(async ({ pid }) => {
      const { stdout } = await execa("find", [`/proc/${pid}/fd`, "-type", "l", "-printf", "%l\n"], {
        reject: false,
      });
      return stdout
        .split("\n")
        .filter((path) => /^(?:\/var)?\/tmp\//.test(path) && !path.startsWith(plane.dir));
    }),
  );
  expect(open.flat()).toEqual([]);
});
