import { directoryStep } from "../directory-step.ts";
import { etcdFileSteps } from "../hardening-steps.ts";
import { manifestStep } from "../manifest-step.ts";
import type { Phase, PlanInput } from "../phase.ts";
import type { Step } from "../types.ts";
import { certificateStepId } from "./certs.ts";

/** etcd's data directory and manifest. */
export const etcdPhase: Phase = {
  name: "etcd",
  short: "Static Pod manifest for the local etcd",
  phases: [
    {
      name: "local",
      short: "The manifest of a single etcd on this machine",
      plan: (input) => (input.config.cluster.externalEtcd === undefined ? planLocal(input) : []),
    },
  ],
};

function planLocal(input: PlanInput): readonly Step[] {
  const { cluster, etcdAccount: owner } = input.config;
  const files = etcdFileSteps(input.config);
  return [
    directoryStep({ phase: "etcd", path: cluster.etcd.dataDir, mode: 0o700, owner }),
    ...files,
    directoryStep({ phase: "etcd", path: input.paths.manifestDir, mode: 0o700 }),
    manifestStep(input, {
      component: "etcd",
      phase: "etcd",
      needs: [
        `dir:${cluster.etcd.dataDir}`,
        ...files.map(({ id }) => id),
        certificateStepId("etcd/server"),
        certificateStepId("etcd/peer"),
        certificateStepId("etcd/healthcheck-client"),
      ],
    }),
  ];
}
