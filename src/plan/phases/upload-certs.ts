import { join } from "node:path";
import { buildCertsReaders } from "../../api/objects/uploaded-certs.ts";
import type { ClusterSettings } from "../../config/types.ts";
import { SlipwayError } from "../../core/errors.ts";
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
  plan: (input) => (input.uploadCerts ? planUpload(input) : []),
};

function planUpload(input: PlanInput): readonly Step[] {
  refuseExternal(input);
  return [
    ...adminRightsSteps(input, NAME),
    ...objectSteps(input, { phase: NAME, objects: buildCertsReaders() }),
    uploadStep(input),
  ];
}

/** Raises SLIPWAY_EXTERNAL_CA. Source: kubeadm cmd/init.go newInitData. */
function refuseExternal({ config }: PlanInput): void {
  const elsewhere = config.externalAuthorities.filter((name) => name !== "etcd/ca");
  if (elsewhere.length === 0) return;
  throw new SlipwayError({
    code: "SLIPWAY_EXTERNAL_CA",
    what: "the shared certificates cannot be uploaded",
    why: `the key of ${elsewhere.join(" and ")} is kept elsewhere, and a joining control plane would need it`,
    fix: "leave --upload-certs out; a joining control plane gets its certificates from the CA's owner, too",
  });
}

interface UploadedFile {
  readonly name: string;
  readonly path: string;
}

/** By the name that each has in the Secret. */
const FILES = {
  "ca.crt": "ca.crt",
  "ca.key": "ca.key",
  "front-proxy-ca.crt": "front-proxy-ca.crt",
  "front-proxy-ca.key": "front-proxy-ca.key",
  "sa.key": "sa.key",
  "sa.pub": "sa.pub",
} as const;

const LOCAL_ETCD_FILES = { "etcd-ca.crt": "etcd/ca.crt", "etcd-ca.key": "etcd/ca.key" } as const;

function uploadStep(input: PlanInput): Step {
  const base = apiStep(input, NAME);
  const dir = input.config.cluster.certificatesDir;
  return {
    kind: "upload-certs",
    id: "upload-certs",
    title: "upload the shared certificates, encrypted, for two hours",
    files: [...listFiles(FILES, dir), ...listEtcdFiles(input.config.cluster)],
    ...base,
    needs: [
      ...base.needs,
      ...(["ca", "etcd/ca", "front-proxy-ca"] as const).map(certificateStepId),
      "certs/sa",
    ],
  };
}

function listFiles(files: Readonly<Record<string, string>>, dir: string): readonly UploadedFile[] {
  return Object.entries(files).map(([name, path]) => ({ name, path: join(dir, path) }));
}

/** Of an etcd that others run, what it takes to use it. */
function listEtcdFiles({ certificatesDir, externalEtcd }: ClusterSettings): readonly UploadedFile[] {
  if (externalEtcd === undefined) return listFiles(LOCAL_ETCD_FILES, certificatesDir);
  return [
    { name: "external-etcd-ca.crt", path: externalEtcd.caFile },
    { name: "external-etcd.crt", path: externalEtcd.certFile },
    { name: "external-etcd.key", path: externalEtcd.keyFile },
  ].filter(({ path }) => path !== "");
}
