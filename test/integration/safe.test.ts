import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { processesNaming } from "../support/machine.ts";
import { NOBODY, type Outcome, preparePlane, runSlipway, succeed, type TestPlane } from "../support/plane.ts";

/**
 * Every file of a control plane with its kind, mode and owner; containers and pods by ID and UID, parts by name.
 * Kinds: d directory, f file, l link, s socket. What is not in it fails.
 */
const TABLE: readonly (readonly [path: RegExp, what: string])[] = [
  [/^(?:|etc|run|var|var\/(?:lib|log))$/, "d 755"],
  [/^etc\/kubernetes(?:\/pki(?:\/etcd)?)?$/, "d 755"],
  [/^etc\/kubernetes\/manifests$/, "d 700"],
  [/^etc\/kubernetes\/manifests\/(?:etcd|kube-(?:apiserver|controller-manager|scheduler))\.yaml$/, "f 600"],
  [/^etc\/kubernetes\/(?:super-admin|admin|kubelet|controller-manager|scheduler)\.conf$/, "f 600"],
  [/^etc\/kubernetes\/pki\/[a-z-]+(?:\/[a-z-]+)?\.crt$/, "f 644"],
  [/^etc\/kubernetes\/pki\/[a-z-]+(?:\/[a-z-]+)?\.key$/, "f 600"],
  [/^etc\/kubernetes\/pki\/sa\.pub$/, "f 600"],
  [/^run\/slipway$/, "d 700"],
  [/^run\/slipway\/control\.sock$/, "s 600"],
  [/^var\/lib\/etcd(?:\/member(?:\/(?:snap|wal))?)?$/, "d 700"],
  [/^var\/lib\/etcd\/member\/(?:snap|wal)\/[^/]+$/, "f 600"],
  [/^var\/lib\/kubelet$/, "d 700"],
  [/^var\/lib\/kubelet\/(?:config\.yaml|instance-config\.yaml|kubeadm-flags\.env)$/, "f 644"],
  [/^var\/lib\/slipway(?:\/pki)?$/, "d 700"],
  [
    /^var\/lib\/slipway\/(?:ledger(?:\.copy)?\.json|(?:runner|config)\.yaml|(?:made-paths|events)\.jsonl|services\.json)$/,
    "f 600",
  ],
  [/^var\/lib\/slipway\/pki\/kubelet\.crt$/, "f 644"],
  [/^var\/lib\/slipway\/pki\/kubelet\.key$/, "f 600"],
  [/^var\/lib\/slipway\/containers(?:\/\.exits|\/ID(?:\/spool)?)?$/, "d 700"],
  [/^var\/lib\/slipway\/containers\/ID\/(?:container|log)\.json$/, "f 600"],
  [/^var\/lib\/slipway\/containers\/\.spool-keeper$/, "f 600"],
  // Written by the shim; nobody else gets into the directory.
  [/^var\/lib\/slipway\/containers\/ID\/identity$/, "f 644"],
  [/^var\/lib\/slipway\/containers\/ID\/spool\/std(?:out|err)$/, "f 600"],
  [/^var\/lib\/slipway\/pods(?:\/UID)?$/, "d 750"],
  [/^var\/lib\/slipway\/pods\/UID\/status\.json$/, "f 600"],
  [/^var\/log\/(?:slipway|containers|pods(?:\/kube-system_[a-z-]+_UID(?:\/[a-z-]+)?)?)$/, "d 755"],
  [/^var\/log\/pods\/kube-system_[a-z-]+_UID\/[a-z-]+\/0\.log$/, "f 640"],
  [/^var\/log\/containers\/[a-z-]+_kube-system_[a-z-]+-ID\.log$/, "l 777"],
  [/^var\/log\/slipway\/runner\.log$/, "f 640"],
];

/** The last one stays for the tests after the first. */
const planes: TestPlane[] = [];
let plane: TestPlane;
let begun: Outcome;

async function startUnder(mask: string): Promise<TestPlane> {
  const enter = ["sh", "-c", `umask ${mask} && exec "$@"`, "sh"];
  const started = await preparePlane({ host: { address: "127.0.0.1", enter } });
  planes.push(started);
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

async function findStrangers(of: TestPlane): Promise<readonly string[]> {
  const { stdout } = await execa("find", [of.root, "-printf", "%P|%y %m|%u:%g\n"]);
  return stdout.split("\n").flatMap((line) => {
    const [path = "", what, owner] = line.split("|");
    const generic = path.replaceAll(/[0-9a-f]{64}/g, "ID").replaceAll(/[0-9a-f]{32}/g, "UID");
    const wanted = TABLE.find(([pattern]) => pattern.test(generic))?.[1];
    return what === wanted && owner === "root:root" ? [] : [`${line}, not ${wanted ?? "in the table"}`];
  });
}

test("every file has the mode and the owner of the table, whatever the umask", async () => {
  expect(await findStrangers(plane)).toEqual([]);
  expect(await findStrangers(await startUnder("077"))).toEqual([]);
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

test("another user cannot reach the control socket", async () => {
  const { exitCode, stderr } = await runSlipway(["ps", "--root", plane.root], { uid: NOBODY });
  expect(exitCode).not.toBe(0);
  expect(stderr).toMatch(/may not|permission denied/);
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
