import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listDifferences } from "../support/kubeadm/compare.ts";
import { BUILD_TIMEOUT_MS, findKubeadm, KUBEADM_VERSION } from "../support/kubeadm/find-kubeadm.ts";
import { MATRIX, type MatrixCase } from "../support/kubeadm/matrix.ts";
import { describeChanges, type MinorRecord, OLD_VERSIONS } from "../support/kubeadm/minors.ts";
import { runKubeadm } from "../support/kubeadm/run-kubeadm.ts";
import { runSlipway } from "../support/kubeadm/run-slipway.ts";

/** Where Slipway differs from kubeadm on purpose. */
const ALLOWED: readonly { readonly cases: RegExp; readonly path: RegExp; readonly reason: string }[] = [
  {
    cases: /^version-of-the-minor-before$/,
    path: /manifests\/etcd\.yaml .* image$/,
    reason: "etcd is what that minor's own kubeadm pairs with it, not what this kubeadm does",
  },
  {
    cases: /^secure-port$/,
    path: /ports\[0\] containerPort$/,
    reason: "the probe's port follows secure-port; kubeadm probes the usual port, where nobody listens",
  },
];

/** What the older minors' own kubeadms wrote; see test/support/kubeadm/record-minors.mjs. */
const MINORS: Readonly<Record<string, MinorRecord>> = JSON.parse(
  readFileSync(join(import.meta.dirname, "../fixtures/kubeadm-minors.json"), "utf8"),
);

/**
 * The cases that older minors are judged by, too: not those that name a version or begin with files of the newest, nor
 * those of keys that take long to make, of proxy variables and of feature gates, which are the same in each.
 */
const OF_ANY_MINOR = MATRIX.filter(
  ({ cluster, without, proxyEnv }) =>
    without === undefined &&
    proxyEnv === undefined &&
    cluster?.["featureGates"] === undefined &&
    cluster?.["kubernetesVersion"] === undefined &&
    cluster?.["encryptionAlgorithm"] === undefined,
);

let dir: string;
let kubeadm: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "slipway-kubeadm-"));
  kubeadm = await findKubeadm();
}, BUILD_TIMEOUT_MS);

afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

function makeRoot(name: string): string {
  const root = join(dir, name);
  mkdirSync(root);
  return root;
}

/** What the newest kubeadm makes of a case, and what Slipway makes of it for any version. */
function ask(matrixCase: MatrixCase) {
  const root = makeRoot(`${matrixCase.name}.kubeadm`);
  const outcome = runKubeadm(kubeadm, { matrixCase, root, kubernetesVersion: KUBEADM_VERSION });
  if (outcome.kind === "refused") throw new Error(`kubeadm refused it: ${outcome.message}`);
  const run = (kubernetesVersion: string) =>
    runSlipway({
      matrixCase,
      root: makeRoot(`${matrixCase.name}.${kubernetesVersion}`),
      kubernetesVersion,
      before: join(root, "before"),
    });
  return { newest: outcome.files, run };
}

/** The places that may not differ in a case. */
function unexpected<Place extends { readonly path: string }>(
  places: readonly Place[],
  name: string,
): readonly Place[] {
  const allowed = ALLOWED.filter(({ cases }) => cases.test(name));
  return places.filter(({ path }) => !allowed.some((entry) => entry.path.test(path)));
}

describe("what Slipway writes is what kubeadm writes", () => {
  test.each(MATRIX.map((matrixCase) => [matrixCase.name, matrixCase] as const))(
    "%s",
    async (name, matrixCase) => {
      const { newest, run } = ask(matrixCase);
      expect(unexpected(listDifferences(newest, await run(KUBEADM_VERSION)), name)).toEqual([]);
      if (!OF_ANY_MINOR.includes(matrixCase)) return;
      for (const version of OLD_VERSIONS) {
        const recorded = MINORS[version]?.differences.find(({ cases }) => cases.includes(name));
        const changes = unexpected(describeChanges(newest, await run(version)), name);
        expect({ version, changes }).toEqual({ version, changes: recorded?.changes });
      }
    },
  );
});

test("no older kubeadm refused a case", () => {
  expect(Object.values(MINORS).map(({ refused }) => refused)).toEqual(OLD_VERSIONS.map(() => ({})));
});
