import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseResetConfig } from "../../../src/config/parse-reset-config.ts";
import { validateConfig } from "../../../src/config/validate-config.ts";
import { SlipwayError } from "../../../src/core/errors.ts";

const HEAD = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ";

function problemsOf(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof SlipwayError) return error.details;
    throw error;
  }
  return [];
}

test("documents of every kind are checked in one go", () => {
  const text = [
    `${HEAD}ClusterConfiguration\nclusterNam: a\n`,
    `${HEAD}JoinConfiguration\ncaCertPath: x\n`,
    `${HEAD}ResetConfiguration\nunmountFlags: [MNT_FORK]\n`,
    `${HEAD}UpgradeConfiguration\napply: {patches: {directory: p}}\n`,
    "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nmaxPods: many\n",
    "apiVersion: v1\nkind: Secret\n",
  ].join("---\n");
  expect(problemsOf(() => validateConfig({ text, path: "f" }))).toEqual([
    expect.stringMatching(/^f:3:1: clusterNam: .*did you mean clusterName/),
    expect.stringMatching(/^f:5:1: discovery: bootstrapToken or file is needed/),
    expect.stringMatching(/^f:7:1: caCertPath: "x" is not an absolute path/),
    expect.stringMatching(/^f:11:16: unmountFlags\[0\]: "MNT_FORK" is not one of MNT_FORCE/),
    expect.stringMatching(/^f:15:19: apply\.patches\.directory: "p" is not an absolute path/),
    expect.stringMatching(/^f:19:1: maxPods: must be a whole number/),
    expect.stringMatching(/^f:21:1: no program of kubeadm's reads a Secret/),
  ]);
});

test("a file of documents that init does not read is valid by itself", () => {
  const text = `${HEAD}ResetConfiguration\nforce: true\n`;
  expect(validateConfig({ text, path: "f" }).kinds).toEqual(["ResetConfiguration"]);
  expect(problemsOf(() => validateConfig({ text: "# nothing\n", path: "f" }))).toEqual([
    "f:1:1: there is no document in the file",
  ]);
});

test("a reset's configuration is read with defaults", () => {
  const text = `${HEAD}ResetConfiguration\nforce: true\ntimeouts: {etcdAPICall: 7s, discovery: 9s}\n`;
  expect(parseResetConfig({ text, path: "f" })).toEqual({
    certificatesDir: undefined,
    cleanupTmpDir: false,
    force: true,
    dryRun: false,
    ignorePreflightErrors: [],
    skipPhases: [],
    etcdTimeoutMs: 7000,
    notes: ["timeouts.discovery has no effect: reset has nothing to wait for there"],
  });
  expect(problemsOf(() => parseResetConfig({ text: `${HEAD}InitConfiguration\n`, path: "f" }))).toEqual([
    "f:1:1: there is no ResetConfiguration in the file",
  ]);
});

test("what v1beta3 had otherwise is told with its line and how to convert it", () => {
  const text = `${HEAD}ClusterConfiguration
apiServer:
  extraArgs: {v: "2"}
  timeoutForControlPlane: 4m0s
`;
  let error: unknown;
  try {
    validateConfig({ text, path: "f" });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({
    details: [
      "f:4:3: apiServer.extraArgs: must be a list of {name: FLAG, value: TEXT}; a group of fields is v1beta3's form",
      "f:5:3: apiServer.timeoutForControlPlane: is v1beta3's form; in v1beta4 it is timeouts.controlPlaneComponentHealthCheck of an InitConfiguration",
    ],
    fix: expect.stringContaining("slipway config migrate --old-config f"),
  });
  expect(validateConfig({ text: text.replace("v1beta4", "v1beta3"), path: "f" }).kinds).toEqual([
    "ClusterConfiguration",
  ]);
});

test("what kubeadm prints as the defaults of reset is taken", () => {
  const path = join(import.meta.dirname, "../../fixtures/config/kubeadm-reset-defaults.yaml");
  expect(parseResetConfig({ text: readFileSync(path, "utf8"), path: "f" })).toMatchObject({
    certificatesDir: undefined,
    etcdTimeoutMs: 120_000,
    notes: [],
  });
});

test("what reset cannot do is refused by name with the reason, all at once", () => {
  const fields =
    "criSocket: unix:///run/crio.sock\nunmountFlags: [MNT_DETACH, MNT_FORCE]\nignorePreflightErrors: [IsPriviledgedUser]\n";
  expect(
    problemsOf(() => parseResetConfig({ text: `${HEAD}ResetConfiguration\n${fields}`, path: "f" })),
  ).toEqual([
    expect.stringMatching(/^f:3:1: criSocket: reset stops the processes that init started/),
    expect.stringMatching(/^f:4:28: unmountFlags\[1\]: MNT_FORCE is not for what the runner mounts/),
    expect.stringMatching(/^f:5:25: ignorePreflightErrors\[0\]: .*did you mean "IsPrivilegedUser"/),
  ]);
});
