import { basename, join } from "node:path";
import { readsFile } from "../config/apply-profile.ts";
import type { InitConfig } from "../config/types.ts";
import { hardeningPaths } from "../core/paths.ts";
import { formatAdmission, formatAuditPolicy, formatAuthentication } from "../manifests/api-server-files.ts";
import type { CertificateName } from "../pki/types.ts";
import { directoryStep } from "./directory-step.ts";
import { certificateStepId } from "./phases/certs.ts";
import type { Step } from "./types.ts";

/** The files that kube-apiserver is told to read by its profile; none where the user names others. */
export function apiServerFileSteps({ cluster, root }: InitConfig): readonly Step[] {
  const paths = hardeningPaths(root);
  const phase = "control-plane";
  const needs = [`dir:${paths.apiServerDir}`];
  const texts = [
    { path: paths.admissionPath, format: formatAdmission },
    { path: paths.auditPolicyPath, format: formatAuditPolicy },
    { path: paths.authenticationPath, format: formatAuthentication },
  ].filter(({ path }) => readsFile(cluster, path));
  const encrypts = readsFile(cluster, paths.encryptionPath);
  if (texts.length === 0 && !encrypts) return [];
  const { encryptionPath: path } = paths;
  return [
    directoryStep({ phase, path: paths.apiServerDir, mode: 0o700 }),
    directoryStep({ phase, path: paths.auditLogDir, mode: 0o700 }),
    ...texts.map(({ path, format }) => ({
      kind: "file" as const,
      id: `file:${path}`,
      phase,
      title: `write ${path}`,
      needs,
      path,
      mode: 0o600,
      content: format(),
    })),
    ...(encrypts
      ? [
          {
            kind: "encryption-config" as const,
            id: `file:${path}`,
            phase,
            title: `make ${path}`,
            needs,
            path,
          },
        ]
      : []),
  ];
}

/** What etcd reads, and where its own user has copies of it. */
export function listEtcdCopies(options: {
  readonly root: string;
  readonly certificatesDir: string;
}): readonly { readonly name: CertificateName; readonly from: string; readonly path: string }[] {
  const { etcdDir } = hardeningPaths(options.root);
  return ETCD_FILES.map(([name, ending]) => ({
    name,
    from: join(options.certificatesDir, `${name}.${ending}`),
    path: join(etcdDir, `${basename(name)}.${ending}`),
  }));
}

const ETCD_FILES = [
  ["etcd/ca", "crt"],
  ["etcd/server", "crt"],
  ["etcd/server", "key"],
  ["etcd/peer", "crt"],
  ["etcd/peer", "key"],
] as const satisfies readonly (readonly [CertificateName, "crt" | "key"])[];

/** The copies for the user that etcd runs as, who may not change them; none where that is root. */
export function etcdFileSteps({ etcdAccount: owner, root, cluster }: InitConfig): readonly Step[] {
  if (owner === undefined) return [];
  const dir = hardeningPaths(root).etcdDir;
  return [
    directoryStep({ phase: "etcd", path: dir, mode: 0o750, owner: { uid: 0, gid: owner.gid } }),
    ...listEtcdCopies({ root, certificatesDir: cluster.certificatesDir }).map(({ name, from, path }) => ({
      kind: "copy-file" as const,
      id: `file:${path}`,
      phase: "etcd",
      title: `copy ${from} to ${path}`,
      needs: [`dir:${dir}`, certificateStepId(name)],
      from,
      path,
      owner,
    })),
  ];
}
