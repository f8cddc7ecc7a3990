import { generateKeyPairSync } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { runKubeconfigUser } from "../../../../src/commands/certs/kubeconfig-user.ts";
import { runInitPhase } from "../../../../src/commands/init/init-phase.ts";
import { parseKubeconfig } from "../../../../src/kubeconfig/parse-kubeconfig.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { createFakeUi } from "../../../support/fake-ui.ts";
import { sampleInitOptions } from "../../../support/init-options.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const system = createFakeSystem();
const { signal } = new AbortController();
let root: string;

beforeEach(async () => {
  root = createTempTree({});
  for (const phase of ["certs/ca", "kubeconfig/admin"])
    await runInitPhase(system, { phase, options: sampleInitOptions(root), ui: createFakeUi(), signal });
});

const make = (clientName: string): Promise<string> =>
  runKubeconfigUser(system, {
    root,
    configPath: undefined,
    clientName,
    organizations: [],
    token: undefined,
    validityPeriod: undefined,
    warn: () => undefined,
  });

test("a user gets a kubeconfig with a certificate for the server of admin.conf", async () => {
  const { server, cert } = parseKubeconfig({ text: await make("anna"), path: "anna.conf" });
  expect(server).toMatch(/^https:/);
  expect(cert).toContain("BEGIN CERTIFICATE");
});

test("nobody gets one without a name", async () => {
  await expect(make(" ")).rejects.toMatchObject({ code: "SLIPWAY_USAGE" });
});

test("without the key of a CA that init had it is told what to do", async () => {
  const path = join(root, "etc/kubernetes/pki/ca.key");
  rmSync(path);
  await expect(make("anna")).rejects.toMatchObject({
    code: "SLIPWAY_PREFLIGHT",
    what: `there is no ${path}`,
    fix: expect.stringContaining("put it back from a backup"),
  });
});

test("nobody gets one of a CA that cannot sign", async () => {
  const path = join(root, "etc/kubernetes/pki/ca.key");
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  writeFileSync(path, privateKey.export({ type: "sec1", format: "pem" }));
  await expect(make("anna")).rejects.toMatchObject({ code: "SLIPWAY_CERT_KEY_MISMATCH" });
  writeFileSync(path, "rubbish");
  await expect(make("anna")).rejects.toMatchObject({ code: "SLIPWAY_CERT_UNREADABLE" });
});
