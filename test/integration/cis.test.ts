import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CIS_CHECKS, ETCD_UID, NOT_CHECKED } from "../support/cis/checks.ts";
import { type ObservedPlane, observePlane } from "../support/cis/observe-plane.ts";
import { preparePlane, startPlane, succeed, type TestPlane } from "../support/plane.ts";

let scratch: string;
let hardened: TestPlane;
let plain: TestPlane;
let seen: ObservedPlane;

/** The profile stands in the configuration file, and the machine has an account named etcd, in a mount namespace. */
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "slipway-cis-"));
  const passwd = join(scratch, "passwd");
  await writeFile(
    passwd,
    `${await readFile("/etc/passwd", "utf8")}etcd:x:${ETCD_UID}:${ETCD_UID}::/nonexistent:/usr/sbin/nologin\n`,
  );
  const enter = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/passwd && exec "$@"', passwd];
  hardened = await preparePlane({ host: { address: "127.0.0.1", enter } });
  await appendFile(
    hardened.configPath,
    "---\napiVersion: slipway.dev/v1\nkind: SlipwayConfiguration\nprofile: cis\n",
  );
  succeed(await hardened.init());
  plain = await startPlane();
  seen = await observePlane(hardened.root);
});
afterAll(async () => {
  await hardened.destroy();
  await plain.destroy();
  await rm(scratch, { recursive: true });
});

test.each(CIS_CHECKS)("CIS $id with the profile: $asks", ({ passes }) => {
  expect(passes(seen)).toBe(true);
});

test("without the profile a control plane passes what kubeadm's does, and no more", async () => {
  const observed = await observePlane(plain.root);
  const results = CIS_CHECKS.map(({ id, passes }) => [id, passes(observed) ? "passes" : "fails"]);
  expect(results).toEqual(CIS_CHECKS.map(({ id, byDefault }) => [id, byDefault]));
});

test("every recommendation of sections 1 to 3 is checked, or it is said why not", () => {
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
