import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { readLedger } from "../../src/apply/ledger.ts";
import { parseInitConfig } from "../../src/config/parse-init-config.ts";
import { validateConfig } from "../../src/config/validate-config.ts";
import { createLogPrinter } from "../../src/control/log-printer.ts";
import { SlipwayError } from "../../src/core/errors.ts";
import { buildPaths } from "../../src/core/paths.ts";
import { parseKubeconfig } from "../../src/kubeconfig/parse-kubeconfig.ts";
import { applyPatches } from "../../src/manifests/patches/apply-patches.ts";
import { parsePatchFile } from "../../src/manifests/patches/parse-patch-file.ts";
import { readPodRecord } from "../../src/runner/pod/pod-record.ts";
import { parseRunnerConfig } from "../../src/runner/settings/parse-runner-config.ts";
import { openContainerStore } from "../../src/runtime/container-store.ts";
import { readLogState } from "../../src/runtime/logs/log-state.ts";
import { readMadePaths } from "../../src/runtime/made-paths.ts";
import { buildPod } from "../support/cluster-values.ts";
import { createFakeSystem } from "../support/fake-system.ts";
import { bytesLike, tryFor } from "../support/fuzz.ts";

const FIXTURES = resolve(import.meta.dirname, "../fixtures");
const fixture = (name: string): string => readFileSync(resolve(FIXTURES, name), "utf8");

/** Runs something that may refuse, in words for people; anything else that is thrown is a fault of ours. */
async function mayRefuse(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    expect(`${error.what} ${error.why} ${error.fix}`).not.toMatch(/\n\s+at |node_modules|\.ts:\d/);
  }
}

const CONFIGS = [
  fixture("config/v1beta3.yaml"),
  fixture("config/v1beta3-migrated.yaml"),
  fixture("config/kubeadm-init-defaults.yaml"),
  fixture("golden/1.37/second-plane/input.yaml"),
  "apiVersion: slipway.dev/v1\nkind: SlipwayConfiguration\nprofile: cis\n---\napiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n",
];

test("any bytes as configuration are read or refused", () =>
  tryFor(bytesLike(CONFIGS), async (raw) => {
    const text = raw.toString("utf8");
    await mayRefuse(() => parseInitConfig({ text, path: "f.yaml" }));
    await mayRefuse(() => validateConfig({ text, path: "f.yaml" }));
  }));

const PATCHES = [
  "spec:\n  containers:\n  - name: kube-apiserver\n    resources:\n      requests:\n        cpu: 100m\n",
  '- op: replace\n  path: /spec/containers/0/image\n  value: "x"\n- op: remove\n  path: /spec/volumes/0\n',
  "metadata: { annotations: { a: b } }\nspec: { $patch: replace, containers: [{ $patch: delete, name: x }] }\n",
  "spec: { $setElementOrder/containers: [{ name: a }], $retainKeys: [x] }\n",
];
const POD = {
  kind: "Pod",
  spec: { containers: [{ name: "kube-apiserver", image: "i", command: ["a"] }], volumes: [{ name: "v" }] },
};

test("any bytes as a patch change a pod or are refused", () =>
  tryFor(bytesLike(PATCHES), async (raw) => {
    for (const type of ["strategic", "merge", "json"])
      await mayRefuse(() => {
        const path = `/p/kube-apiserver0+${type}.yaml`;
        const { patches } = parsePatchFile({ path, text: raw.toString("utf8") });
        return applyPatches(POD, { target: "kube-apiserver", patches });
      });
    expect(Object.prototype).not.toHaveProperty("polluted");
  }));

const KUBECONFIG =
  "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster: { server: https://x, certificate-authority-data: eA== }\ncontexts:\n- name: x\n  context: { cluster: c, user: u }\ncurrent-context: x\nusers:\n- name: u\n  user: { client-certificate-data: eA==, client-key-data: eA== }\n";

const RUNNER_CONFIG =
  "apiVersion: slipway.dev/v1\nkind: RunnerConfiguration\nnodeName: n\nnodeIP: 192.0.2.1\n---\napiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nport: 10250\nstaticPodURLHeader: { a: [b] }\n";

test("any bytes as kubeconfig or as the runner's configuration are read or refused", () =>
  tryFor(bytesLike([KUBECONFIG, RUNNER_CONFIG]), async (raw) => {
    const text = raw.toString("utf8");
    await mayRefuse(() => parseKubeconfig({ text, path: "x.conf" }));
    await mayRefuse(() => parseRunnerConfig({ text, path: "runner.yaml" }));
  }));

const STATES = [
  '{"apiVersion":"slipway.dev/v1","kind":"Ledger","root":"/r","kubernetesVersion":"v1.37.2","nodeName":"n","entries":[{"kind":"file","path":"/r/x","existedBefore":false}]}',
  '{"offsets":{"stdout":12,"stderr":0},"sizeBytes":4096}',
  '{"id":"x","spec":{"podName":"p","containerName":"c","podNamespace":"n"},"imageId":"i","argv":["a"],"startedAtMs":1}',
  '\n{"kind":"dir","path":"/x"}\n',
  '{"status":{"phase":"Running","containerStatuses":[{"name":"c"}]},"stops":{}}',
  "4242 123456 11111111-2222-3333-4444-555555555555\n",
  "137\n",
];

test("any bytes in the files of init and the runner are read, refused, or taken as not there", () =>
  tryFor(bytesLike(STATES), async (raw) => {
    const text = raw.toString("utf8");
    const system = createFakeSystem({
      fs: {
        readText: async () => text,
        readTextIfExists: async () => text,
        stat: async () => undefined,
        lstat: async () => undefined,
        list: async () => [],
        makeDir: async () => false,
      },
    });
    const paths = buildPaths({ root: "/r", uid: 0 });
    const store = await openContainerStore(system, paths.containersDir);
    await mayRefuse(() => readLedger(system, paths));
    await mayRefuse(() => readMadePaths(system, paths.madePathsPath));
    await mayRefuse(() => readLogState(system, "/r/log.json"));
    await mayRefuse(() => readPodRecord(system, { podsDir: paths.podsDir, pod: buildPod() }));
    await mayRefuse(() => store.readRecord("x"));
    await mayRefuse(() => store.readIdentity("x"));
    await mayRefuse(() => store.readExit("x"));
  }));

const LOG =
  "2026-11-22T17:00:00.123456789Z stdout F one\n2026-11-22T17:00:00.2Z stderr P two\n2026-11-22T17:00:00.3Z stderr F \n";

test("any bytes in a container's log are shown or left out, and no more than is there", () =>
  tryFor(bytesLike([LOG]), async (raw) => {
    let sizeBytes = 0;
    const printer = createLogPrinter({
      write: (chunk) => {
        sizeBytes += chunk.length;
      },
    });
    await printer.feed(raw.subarray(0, raw.length / 2));
    await printer.feed(raw.subarray(raw.length / 2));
    await printer.flush();
    expect(sizeBytes).toBeLessThanOrEqual(raw.length + 1);
  }));
