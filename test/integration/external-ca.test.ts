import { copyFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listWrites } from "../support/machine.ts";
import { completeKubeconfig, createAuthority } from "../support/outer-authority.ts";
import { preparePlane, succeed, type TestPlane } from "../support/plane.ts";
import { readStatus } from "../support/status.ts";

/** The three CAs by their base names, with what each signs. */
const AUTHORITIES = {
  ca: ["apiserver", "apiserver-kubelet-client"],
  "front-proxy-ca": ["front-proxy-client"],
  "etcd/ca": ["etcd/server", "etcd/peer", "etcd/healthcheck-client", "apiserver-etcd-client"],
};
const KUBECONFIGS = ["admin", "super-admin", "kubelet", "controller-manager", "scheduler"];

let plane: TestPlane;
let pki: (name: string) => string;

beforeEach(async () => {
  plane = await preparePlane();
  pki = (name) => plane.path(`etc/kubernetes/pki/${name}`);
});
afterEach(() => plane.destroy());

test("a control plane whose CAs' keys are elsewhere runs with what their owner has signed", async () => {
  const requests = succeed(await plane.slipway("certs", "generate-csr", "--config", plane.configPath));
  expect(requests.trimEnd().split("\n")).toHaveLength(12);
  for (const [name, signed] of Object.entries(AUTHORITIES)) {
    const authority = createAuthority(join(plane.dir, "owner", name), name.replace("/", "-"));
    copyFileSync(authority.certPath, pki(`${name}.crt`));
    for (const leaf of signed) {
      authority.sign(pki(`${leaf}.csr`), pki(`${leaf}.crt`));
      rmSync(pki(`${leaf}.csr`));
    }
    if (name !== "ca") continue;
    for (const file of KUBECONFIGS) completeKubeconfig(plane.path(`etc/kubernetes/${file}.conf`), authority);
  }
  rmSync(join(plane.dir, "owner"), { recursive: true });
  const signed = listWrites(plane.path("etc/kubernetes"));

  succeed(await plane.init());
  expect(await readStatus(plane)).toMatchObject({ healthy: true });
  succeed(await plane.slipway("doctor"));
  for (const name of Object.keys(AUTHORITIES)) expect(existsSync(pki(`${name}.key`))).toBe(false);
  expect(listWrites(plane.path("etc/kubernetes"))).toEqual(expect.arrayContaining([...signed]));
  expect(await plane.kubectl("logs", "-n", "kube-system", "etcd-node-a", "--tail", "1")).toContain("{");

  expect(succeed(await plane.slipway("certs", "renew", "runner-serving"))).toContain("renewed");
  const listed = JSON.parse(succeed(await plane.slipway("certs", "check-expiration", "-o", "json"))) as {
    certificates: { name: string; externallyManaged: boolean }[];
  };
  const own = listed.certificates.filter(({ externallyManaged }) => !externallyManaged);
  expect(own.map(({ name }) => name)).toEqual(["runner-serving"]);
  expect(succeed(await plane.slipway("certs", "renew", "apiserver"))).toContain(
    "Detected external ca, certificate for serving the Kubernetes API can't be renewed",
  );
  const upload = await plane.slipway(
    "init",
    "phase",
    "upload-certs",
    "--upload-certs",
    "--config",
    plane.configPath,
  );
  expect([upload.exitCode, upload.stderr]).toEqual([1, expect.stringContaining("SLIPWAY_EXTERNAL_CA")]);

  succeed(await plane.slipway("reset", "--force"));
  expect(listWrites(plane.path("etc/kubernetes"))).toEqual(signed);
});

test("what is not signed yet is told by name before anything is changed", async () => {
  succeed(await plane.slipway("certs", "generate-csr", "--config", plane.configPath));
  const authority = createAuthority(join(plane.dir, "owner"), "ca");
  copyFileSync(authority.certPath, pki("ca.crt"));
  rmSync(join(plane.dir, "owner"), { recursive: true });
  const before = listWrites(plane.path("etc/kubernetes"));
  const { exitCode, stderr } = await plane.init();
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining("SLIPWAY_EXTERNAL_CA")]);
  expect(stderr).toContain(pki("apiserver"));
  expect(listWrites(plane.path("etc/kubernetes"))).toEqual(before);
});
