import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { applyPlan } from "../../../src/apply/apply-plan.ts";
import { observePlan } from "../../../src/apply/observe-plan.ts";
import { prepareInit } from "../../../src/commands/init/prepare-init.ts";
import { sampleApplyContext } from "../apply-context.ts";
import { createFakeUi } from "../fake-ui.ts";
import { sampleInitOptions } from "../init-options.ts";
import { openQuietSystem } from "./find-kubeadm.ts";
import type { MatrixCase } from "./matrix.ts";
import { type Observed, observeFiles } from "./observe-files.ts";
import { OBSERVED_DIRS, writeCase } from "./run-kubeadm.ts";

/** The phases that write files, as kubeadm names them. */
const PHASES = ["certs", "kubeconfig", "etcd", "control-plane", "kubelet-start"];

/** What init writes for a case when a kubelet will run the pods. `before`: files of an earlier run to begin with. */
export async function runSlipway(run: {
  readonly matrixCase: MatrixCase;
  readonly root: string;
  readonly kubernetesVersion: string;
  readonly before: string;
}): Promise<Readonly<Record<string, Observed>>> {
  const { matrixCase, root, before, kubernetesVersion } = run;
  if (existsSync(before)) cpSync(before, join(root, "etc/kubernetes"), { recursive: true });
  const machine = openQuietSystem();
  const env = { ...machine.host.env, ...matrixCase.proxyEnv };
  const system = { ...machine, host: { ...machine.host, env } };
  const prepared = await prepareInit(system, {
    options: sampleInitOptions(root, {
      configPath: writeCase(matrixCase, { root, inside: root, kubernetesVersion }),
      withProxyEnv: matrixCase.proxyEnv !== undefined,
    }),
    ui: createFakeUi(),
    only: PHASES,
  });
  const context = sampleApplyContext(root);
  await observePlan(system, { plan: prepared.plan, context });
  await applyPlan(system, { plan: prepared.plan, context, onEvent: () => undefined });
  return observeFiles(root, OBSERVED_DIRS);
}
