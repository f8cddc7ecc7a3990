import { appendFile, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { preparePlane, succeed, type TestPlane } from "../support/plane.ts";

let plane: TestPlane;
let dir: string;

beforeAll(async () => {
  plane = await preparePlane();
  // With the profile there is one more key: that which Secrets are encrypted with.
  succeed(await plane.init("--profile", "cis", "--ignore-preflight-errors=EtcdAccount"));
  dir = await mkdtemp(join(tmpdir(), "slipway-bundle-"));
});
afterAll(async () => {
  await plane.destroy();
  await rm(dir, { recursive: true });
});

test("a bundle has what helps, and no key and no token of the cluster in any form", async () => {
  succeed(await plane.slipway("token", "create"));
  const later = (await plane.kubectl("create", "token", "default")).trim();
  const [keys, tokens, encryptionKey] = [await listKeys(), await listTokens(), await readEncryptionKey()];
  expect(tokens).toHaveLength(2);
  const others = [later, encryptionKey, encode(encryptionKey)];
  const secrets = [
    ...keys.flatMap(listForms),
    ...tokens.flatMap(({ secret }) => [secret, encode(secret)]),
    ...others,
  ];
  expect(secrets.length).toBeGreaterThan(100);
  // As a program might that prints what it was given.
  const said = [...keys.flatMap(listForms), ...tokens.map(({ id, secret }) => `${id}.${secret}`), ...others];
  await appendFile(plane.path("var/log/slipway/runner.log"), `said: ${said.join("\nsaid: ")}\n`);
  const path = join(dir, "out.tar.gz");
  const victim = join(dir, "victim");
  await writeFile(victim, "what belongs to others\n");
  await symlink(victim, path);
  const { stderr } = await plane.slipway("doctor", "--bundle", path);
  expect(await readFile(victim, "utf8")).toBe("what belongs to others\n");
  expect(stderr).toContain("keys and tokens are left out");
  await execa("tar", ["-xzf", path, "-C", dir]);
  const texts = await readTexts(join(dir, "slipway-bundle"), () => true);
  expect(await readdir(join(dir, "slipway-bundle"))).toEqual(
    expect.arrayContaining(["doctor.json", "version.json", "manifests", "logs", "runner.log", "pods.json"]),
  );
  expect(texts.join("\n")).toContain("Starting Kubernetes Scheduler");
  expect(texts.join("\n")).toContain("said: <hidden>");
  expect(secrets.filter((secret) => texts.some((text) => text.includes(secret)))).toEqual([]);
});

async function readTexts(top: string, wanted: (name: string) => boolean): Promise<readonly string[]> {
  const entries = await readdir(top, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && wanted(entry.name));
  return Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), "utf8")));
}

/** The key of every key file and kubeconfig, as PEM. */
async function listKeys(): Promise<readonly string[]> {
  const texts = await readTexts(plane.root, (name) => /\.(?:key|conf)$/.test(name));
  const inKubeconfigs = texts.flatMap((text) =>
    [...text.matchAll(/client-key-data: (\S+)/g)].map(([, data = ""]) => decode(data)),
  );
  expect(inKubeconfigs.length).toBeGreaterThan(3);
  return [...texts.filter((text) => text.includes("PRIVATE KEY")), ...inKubeconfigs];
}

async function readEncryptionKey(): Promise<string> {
  const text = await readFile(plane.path("etc/kubernetes/apiserver/encryption.yaml"), "utf8");
  const key = /secret: (\S+)/.exec(text)?.[1] ?? "";
  expect(Buffer.from(key, "base64")).toHaveLength(32);
  return key;
}

async function listTokens(): Promise<readonly { readonly id: string; readonly secret: string }[]> {
  const form = '{range .items[*]}{.data.token-id}{" "}{.data.token-secret}{"\\n"}{end}';
  const lines = (await plane.kubectl("get", "secrets", "-A", "-o", `jsonpath=${form}`)).trim().split("\n");
  const tokens = lines
    .map((line) => line.split(" ").map(decode))
    .map(([id = "", secret = ""]) => ({ id, secret }));
  expect(tokens.every(({ secret }) => /^[a-z0-9]{16}$/.test(secret))).toBe(true);
  return tokens;
}

/** PEM, its body's lines, those as one line, and in base64 as kubeconfigs and Secrets have them. */
function listForms(pem: string): readonly string[] {
  const body = pem.split("\n").filter((line) => line.length >= 16 && !line.startsWith("-----"));
  return [pem, ...body, body.join(""), body.join("\\n"), encode(pem), encode(pem.trimEnd())];
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64");
}

function decode(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}
