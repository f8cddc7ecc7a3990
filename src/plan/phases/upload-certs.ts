import { join } from "node:path";
import { buildCertsReaders } from "../../api/objects/uploaded-certs.ts";
import { adminRightsSteps, apiStep, objectSteps } from "../api-steps.ts";
import type { Phase, PlanInput } from "../phase.ts";
import type { Step } from "../types.ts";
import { certificateStepId } from "./certs.ts";

const NAME = "upload-certs";

/** What further control planes need, encrypted, for two hours; only when asked for. Source: kubeadm phases/copycerts. */
export const uploadCertsPhase: Phase = {
  name: NAME,
  short: "Certificates for joining control planes",
  afterStart: true,
  plan: (input) =>
    input.uploadCerts
      ? [
          ...adminRightsSteps(input, NAME),
          ...objectSteps(input, { phase: NAME, objects: buildCertsReaders() }),
          uploadStep(input),
        ]
      : [],
};

/** By the name that each has in the Secret. */
const FILES = {
  "ca.crt": "ca.crt",
  "ca.key": "ca.key",
  "etcd-ca.crt": "etcd/ca.crt",
  "etcd-ca.key": "etcd/ca.key",
  "front-proxy-ca.crt": "front-proxy-ca.crt",
  "front-proxy-ca.key": "front-proxy-ca.key",
  "sa.key": "sa.key",
  "sa.pub": "sa.pub",
} as const;

function uploadStep(input: PlanInput): Step {
  const base = apiStep(input, NAME);
  const dir = input.config.cluster.certificatesDir;
  return {
    kind: "upload-certs",
    id: "upload-certs",
    title: "upload the shared certificates, encrypted, for two hours",
    files: Object.entries(FILES).map(([name, path]) => ({ name, path: join(dir, path) })),
    ...base,
    needs: [
      ...base.needs,
      ...(["ca", "etcd/ca", "front-proxy-ca"] as const).map(certificateStepId),
      "certs/sa",
    ],
  };
}
