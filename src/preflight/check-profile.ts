import { readsFile } from "../config/apply-profile.ts";
import { hardeningPaths } from "../core/paths.ts";
import { errorFinding, type InitCheck } from "./init-check.ts";

/** The benchmark wants etcd to be a user of its own. An ordinary user can start nothing as another. */
export const checkEtcdAccount: InitCheck = ({ config, facts }) => {
  const { uid, etcdAccount } = facts.machine;
  const isOthers = config.cluster.externalEtcd !== undefined;
  if (config.profile !== "cis" || uid !== 0 || isOthers || etcdAccount !== undefined) return [];
  return [
    errorFinding("EtcdAccount", {
      what: "the machine has no account named etcd",
      why: "with the profile cis etcd runs as a user of its own, to whom its data belong",
      fix: "useradd --system --user-group --no-create-home --shell /usr/sbin/nologin etcd; or let it run as root: --ignore-preflight-errors=EtcdAccount",
    }),
  ];
};

/** An API server without the key could not read the Secrets that are encrypted with it. */
export const checkEncryption: InitCheck = ({ config, facts, resuming }) => {
  const { encryptionPath } = hardeningPaths(config.root);
  const isThere = facts.paths.some(({ path, status }) => path === encryptionPath && status !== undefined);
  if (!resuming || !isThere || readsFile(config.cluster, encryptionPath)) return [];
  return [
    errorFinding("Encryption", {
      what: `kube-apiserver would not be given ${encryptionPath} any more`,
      why: "Secrets are encrypted with the key in it, and could not be read without",
      fix: "keep the profile: --profile cis; or put the provider identity first in that file, restart kube-apiserver, write all Secrets anew (kubectl get secrets -A -o json | kubectl replace -f -) and ignore this check",
    }),
  ];
};
