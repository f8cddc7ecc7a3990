import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Difference, listDifferences } from "../support/kubeadm/compare.ts";
import { BUILD_TIMEOUT_MS, findKubeadm, KUBEADM_VERSION } from "../support/kubeadm/find-kubeadm.ts";
import { MATRIX, type MatrixCase } from "../support/kubeadm/matrix.ts";
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

let dir: string;
let kubeadm: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "slipway-kubeadm-"));
  kubeadm = await findKubeadm();
}, BUILD_TIMEOUT_MS);

afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

async function compare(matrixCase: MatrixCase): Promise<readonly Difference[]> {
  const roots = { kubeadm: join(dir, `${matrixCase.name}.k`), slipway: join(dir, `${matrixCase.name}.s`) };
  for (const root of Object.values(roots)) mkdirSync(root);
  const outcome = runKubeadm(kubeadm, {
    matrixCase,
    root: roots.kubeadm,
    kubernetesVersion: KUBEADM_VERSION,
  });
  if (outcome.kind === "refused") throw new Error(`kubeadm refused it: ${outcome.message}`);
  const before = join(roots.kubeadm, "before");
  const files = await runSlipway({
    matrixCase,
    root: roots.slipway,
    kubernetesVersion: KUBEADM_VERSION,
    before,
  });
  return listDifferences(outcome.files, files);
}

describe("what Slipway writes is what kubeadm writes", () => {
  test.each(MATRIX.map((matrixCase) => [matrixCase.name, matrixCase] as const))(
    "%s",
    async (name, matrixCase) => {
      const allowed = ALLOWED.filter(({ cases }) => cases.test(name));
      const differences = (await compare(matrixCase)).filter(
        ({ path }) => !allowed.some((entry) => entry.path.test(path)),
      );
      expect(differences).toEqual([]);
    },
  );
});
