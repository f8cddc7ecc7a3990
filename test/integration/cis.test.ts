import { appendFile, readFile, rename, stat, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatYaml, parseYamlDocuments } from "../../src/core/yaml.ts";
import { type Accounts, CALLER_UID, createAccounts, ETCD_UID } from "../support/accounts.ts";
import { CIS_CHECKS, NOT_CHECKED } from "../support/cis/checks.ts";
import { type ObservedPlane, observePlane } from "../support/cis/observe-plane.ts";
import { findStrangers, type ModeRow } from "../support/modes.ts";
import { preparePlane, startPlane, succeed, type TestPlane } from "../support/plane.ts";
import { findPid } from "../support/status.ts";

let accounts: Accounts;
let hardened: TestPlane;
let plain: TestPlane;
let seen: ObservedPlane;

/** The profile stands in the configuration file, and the machine has an account named etcd. */
beforeAll(async () => {
  accounts = await createAccounts();
  const { host } = accounts;
  hardened = await preparePlane({ host, env: accounts.env });
  await appendFile(
    hardened.configPath,
    "---\napiVersion: slipway.dev/v1\nkind: SlipwayConfiguration\nprofile: cis\n",
  );
  succeed(await hardened.init("--user-kubeconfig"));
  plain = await startPlane({ host });
  seen = await observePlane(hardened.root);
});
afterAll(async () => {
  await hardened.destroy();
  await plain.destroy();
  await accounts.remove();
});

test.each(CIS_CHECKS)("CIS $id with the profile: $asks", ({ passes }) => {
  expect(passes(seen)).toBe(true);
});

const ETCD = `${ETCD_UID}:${ETCD_UID}`;

/** What is not as it is without the profile. */
const ROWS: readonly ModeRow[] = [
  [/^etc\/kubernetes\/apiserver$/, "d 700"],
  [/^etc\/kubernetes\/apiserver\/(?:admission|audit-policy|authentication|encryption)\.yaml$/, "f 600"],
  [/^etc\/kubernetes\/etcd$/, "d 750", `0:${ETCD_UID}`],
  [/^etc\/kubernetes\/etcd\/(?:ca|server|peer)\.(?:crt|key)$/, "f 600", ETCD],
  [/^var\/lib\/etcd(?:\/member(?:\/(?:snap|wal))?)?$/, "d 700", ETCD],
  [/^var\/lib\/etcd\/member\/(?:snap|wal)\/[^/]+$/, "f 600", ETCD],
  [/^var\/lib\/kubelet\/config\.yaml$/, "f 600"],
  // Of what runs as another user it is that user's, who does not get into the directories above; the shim complains there.
  [/^var\/lib\/slipway\/containers\/ID\/spool\/std(?:out|err)$/, "f 600", "0:0", ETCD],
  [/^var\/lib\/slipway\/containers\/ID\/problem$/, "f 644"],
  [/^var\/log\/kubernetes$/, "d 755"],
  [/^var\/log\/kubernetes\/audit$/, "d 700"],
  [/^var\/log\/kubernetes\/audit\/audit\.log$/, "f 600"],
];

test("with the profile, too, every file has its mode and owner, and so has the kubeconfig of who called sudo", async () => {
  expect(await findStrangers(hardened.root, ROWS)).toEqual([]);
  const home = join(accounts.dir, "home");
  const found = await Promise.all([".kube", ".kube/config"].map((name) => stat(join(home, name))));
  expect(found.map(({ mode, uid, gid }) => [mode & 0o777, uid, gid])).toEqual([
    [0o700, CALLER_UID, CALLER_UID],
    [0o600, CALLER_UID, CALLER_UID],
  ]);
});

test("without the profile a control plane passes what kubeadm's does, and no more", async () => {
  const observed = await observePlane(plain.root);
  const results = CIS_CHECKS.map(({ id, passes }) => [id, passes(observed) ? "passes" : "fails"]);
  expect(results).toEqual(CIS_CHECKS.map(({ id, byDefault }) => [id, byDefault]));
});

test("every recommendation of sections 1 to 3 and 4.1 is checked, or it is said why not", () => {
  const range = (section: string, last: number): readonly string[] =>
    Array.from({ length: last }, (_, index) => `${section}.${index + 1}`);
  const all = [
    ...range("1.1", 21),
    ...range("1.2", 30),
    ...range("1.3", 7),
    ...range("1.4", 2),
    ...range("2", 7),
    ...range("3.1", 3),
    ...range("3.2", 2),
    ...range("4.1", 10),
  ];
  const ours = [...CIS_CHECKS.map(({ id }) => id), ...Object.keys(NOT_CHECKED)];
  expect([...new Set(ours)].toSorted()).toEqual(all.toSorted());
});

test("a Secret lies encrypted in etcd, and in plain text without the profile", async () => {
  for (const plane of [hardened, plain])
    await plane.kubectl("create", "secret", "generic", "at-rest", "--from-literal=word=open-sesame");
  const key = "/registry/secrets/default/at-rest";
  const encrypted = await readFromEtcd(hardened, key);
  expect(encrypted).toContain("k8s:enc:secretbox:v1:key1:");
  expect(encrypted).not.toContain("open-sesame");
  expect(await readFromEtcd(plain, key)).toContain("open-sesame");
  const read = await hardened.kubectl("get", "secret", "at-rest", "-o", "jsonpath={.data.word}");
  expect(Buffer.from(read, "base64").toString()).toBe("open-sesame");
});

test("the audit log has who asked for a Secret, and never what is in it", async () => {
  await hardened.kubectl("get", "secret", "at-rest");
  const path = hardened.path("var/log/kubernetes/audit/audit.log");
  await expect.poll(() => readFile(path, "utf8")).toContain('"name":"at-rest"');
  const text = await readFile(path, "utf8");
  expect(text).toContain("kubernetes-admin");
  expect(text).not.toContain(Buffer.from("open-sesame").toString("base64"));
});

test("who does not say who they are sees probes and what joining needs, and nothing else", async () => {
  const ask = async (path: string): Promise<number | undefined> =>
    (await get({ port: hardened.ports.apiServer, path })).status;
  expect(await ask("/readyz")).toBe(200);
  expect(await ask("/api/v1/namespaces/kube-public/configmaps/cluster-info")).toBe(200);
  expect(await ask("/version")).toBe(401);
  expect(await ask("/api/v1/namespaces/default/secrets")).toBe(401);
});

test("logs of a pod come through kube-apiserver, which verifies the runner's certificate", async () => {
  const logs = await hardened.kubectl("logs", "-n", "kube-system", "kube-scheduler-node-a", "--tail=1");
  expect(logs).not.toBe("");
});

test("the key stands in its file alone: not in the plan, the ledger, an argument or the stored configuration", async () => {
  const file = await readFile(hardened.path("etc/kubernetes/apiserver/encryption.yaml"), "utf8");
  const key = /secret: (\S+)/.exec(file)?.[1] ?? "";
  expect(Buffer.from(key, "base64")).toHaveLength(32);
  expect(seen.file("etc/kubernetes/apiserver/encryption.yaml")).toEqual({ mode: 0o600, owner: "0:0" });
  const plan = succeed(await hardened.init("--plan", "-o", "json"));
  const ledger = await readFile(hardened.path("var/lib/slipway/ledger.json"), "utf8");
  const stored = await hardened.kubectl("get", "configmap", "-n", "kube-system", "-o", "yaml");
  for (const text of [plan, ledger, stored]) {
    expect(text).toContain("encryption");
    expect(text).not.toContain(key);
  }
});

test("renewed certificates reach etcd's own user", async () => {
  const copy = hardened.path("etc/kubernetes/etcd/server.crt");
  const before = await readFile(copy, "utf8");
  succeed(await hardened.slipway("certs", "renew", "etcd-server", "--config", hardened.configPath));
  const after = await readFile(copy, "utf8");
  expect(after).not.toBe(before);
  expect(after).toBe(await readFile(hardened.path("etc/kubernetes/pki/etcd/server.crt"), "utf8"));
  expect((await observePlane(hardened.root)).file("etc/kubernetes/etcd/server.key")).toEqual({
    mode: 0o600,
    owner: `${ETCD_UID}:${ETCD_UID}`,
  });
  // kube-apiserver looks at etcd anew after a moment.
  await expect.poll(() => hardened.kubectl("get", "--raw", "/readyz").catch(String)).toBe("ok");
});

test("init again changes nothing; without the profile it is refused, for Secrets could not be read", async () => {
  const again = await hardened.init("--yes", "-o", "json");
  expect(JSON.parse(succeed(again))).toMatchObject({ changed: false });
  const without = await hardened.init("--yes", "--profile", "default");
  expect(without.exitCode).toBe(4);
  expect(without.stderr).toContain("[Encryption]");
  expect(await hardened.kubectl("get", "--raw", "/readyz")).toBe("ok");
});

test("a key that has been removed is not made anew: that is refused, doctor tells it, and with the key back all goes on", async () => {
  const path = hardened.path("etc/kubernetes/apiserver/encryption.yaml");
  await rename(path, `${path}.aside`);
  try {
    const phase = ["init", "phase", "control-plane", "apiserver", "--config", hardened.configPath];
    for (const refused of [await hardened.init("--yes"), await hardened.slipway(...phase)]) {
      expect(refused.stderr).toMatch(
        /\[Encryption\] \S+encryption\.yaml is not there: Secrets in etcd are encrypted/,
      );
      expect(refused.exitCode).toBe(4);
    }
    expect((await hardened.slipway("doctor")).stdout).toContain("encryption.yaml is not there [Encryption]");
    await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
  } finally {
    await rename(`${path}.aside`, path);
  }
  succeed(await hardened.init("--yes"));
  expect(await hardened.kubectl("get", "secret", "at-rest", "-o", "jsonpath={.data.word}")).not.toBe("");
});

// A minute: the API server is started three times, and is given its grace twice.
test("a control plane without the profile gets it by another init, and goes back when its Secrets are plain text again", async () => {
  const readWord = async (name: string): Promise<string> => {
    const word = await plain.kubectl("get", "secret", name, "-o", "jsonpath={.data.word}");
    return Buffer.from(word, "base64").toString();
  };
  succeed(await plain.init("--yes", "--profile", "cis"));
  const observed = await observePlane(plain.root);
  expect(CIS_CHECKS.filter(({ passes }) => !passes(observed)).map(({ id }) => id)).toEqual([]);
  expect(await readWord("at-rest")).toBe("open-sesame");
  await plain.kubectl("create", "secret", "generic", "later", "--from-literal=word=hush");
  expect(await readFromEtcd(plain, "/registry/secrets/default/later")).not.toContain("hush");
  const back = ["--yes", "--profile", "default"];
  const { exitCode, stderr } = await plain.init(...back);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 4,
    stderr: expect.stringContaining("put the provider identity first"),
  });
  // What it says there.
  const path = plain.path("etc/kubernetes/apiserver/encryption.yaml");
  const [value] = parseYamlDocuments(await readFile(path, "utf8")).map((document) => document.value);
  const { resources, ...rest } = value as { readonly resources: readonly { providers: unknown[] }[] };
  const reversed = resources.map((entry) => ({ ...entry, providers: entry.providers.toReversed() }));
  await writeFile(path, formatYaml({ ...rest, resources: reversed }));
  // A restart without its grace, in which it waits for its clients.
  process.kill(await findPid(plain, "kube-apiserver"), "SIGKILL");
  await expect.poll(() => rewriteSecrets(plain)).toContain("replaced");
  succeed(await plain.init(...back, "--ignore-preflight-errors=Encryption"));
  expect([await readWord("at-rest"), await readWord("later")]).toEqual(["open-sesame", "hush"]);
  expect(await readFromEtcd(plain, "/registry/secrets/default/later")).toContain("hush");
});

test("a flag of the user's own wins over the profile", async () => {
  await plain.editConfig((text) =>
    text.replace(
      "networking:",
      'apiServer: { extraArgs: [{ name: profiling, value: "true" }, { name: anonymous-auth, value: "false" }] }\nnetworking:',
    ),
  );
  const manifests = succeed(await plain.init("--profile", "cis", "--dry-run"));
  expect(manifests).toContain("--profiling=true");
  expect(manifests).toContain("--anonymous-auth=false");
  expect(manifests).not.toContain("--authentication-config");
  expect(manifests.match(/--profiling=false/g)).toHaveLength(2);
});

/** Writes all Secrets anew; what went wrong while the API server is not back yet. */
async function rewriteSecrets(plane: TestPlane): Promise<string> {
  try {
    const path = join(accounts.dir, "secrets.json");
    await writeFile(path, await plane.kubectl("get", "secrets", "-A", "-o", "json"));
    return await plane.kubectl("replace", "-f", path);
  } catch (error) {
    return String(error);
  }
}

/** What etcd itself has under a key. */
async function readFromEtcd(plane: TestPlane, key: string): Promise<string> {
  const pki = (name: string): Promise<string> => readFile(plane.path(`etc/kubernetes/pki/${name}`), "utf8");
  const { text } = await get({
    port: plane.ports.etcdClient,
    path: "/v3/kv/range",
    method: "POST",
    body: JSON.stringify({ key: Buffer.from(key).toString("base64") }),
    cert: await pki("apiserver-etcd-client.crt"),
    key: await pki("apiserver-etcd-client.key"),
  });
  const { kvs } = JSON.parse(text) as { kvs: { value: string }[] };
  return Buffer.from(kvs[0]?.value ?? "", "base64").toString("latin1");
}

function get(options: {
  readonly port: number;
  readonly path: string;
  readonly method?: string;
  readonly body?: string;
  readonly cert?: string;
  readonly key?: string;
}): Promise<{ readonly status: number | undefined; readonly text: string }> {
  return new Promise((done, fail) => {
    const sent = request({ host: "127.0.0.1", rejectUnauthorized: false, ...options }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += String(chunk);
      });
      response.on("end", () => done({ status: response.statusCode, text }));
    });
    sent.on("error", fail);
    sent.end(options.body);
  });
}
