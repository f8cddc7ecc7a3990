import { readsFile } from "../config/apply-profile.ts";
import { hardeningPaths } from "../core/paths.ts";
import { errorFinding, type FindingText, type InitCheck, type InitCheckInput } from "./init-check.ts";

/** The benchmark wants etcd to be a user of its own. An ordinary user can start nothing as another. */
export const checkEtcdAccount: InitCheck = ({ config, facts }) => {
  const { uid, etcdAccount } = facts.machine;
  const isOthers = config.cluster.externalEtcd !== undefined;
  if (config.profile !== "cis" || uid !== 0 || isOthers || etcdAccount !== undefined) return [];
  return [
    errorFinding("EtcdAccount", {
      what: "the machine has no account named etcd",
      why: "with the profile cis etcd runs as a user of its own, to whom its data belong",
      fix: "let it run as root (--ignore-preflight-errors=EtcdAccount), or: useradd --system --user-group --no-create-home --shell /usr/sbin/nologin etcd",
    }),
  ];
};

/** Secrets that are encrypted need their key: kube-apiserver must go on reading it, and a new one does not help. */
export const checkEncryption: InitCheck = (input) => {
  const { config, facts, resuming } = input;
  const { encryptionPath: path } = hardeningPaths(config.root);
  const isThere = facts.paths.some((fact) => fact.path === path && fact.status !== undefined);
  const isRead = readsFile(config.cluster, path);
  if (!resuming || isThere === isRead) return [];
  if (isThere) return [errorFinding("Encryption", describeUnread(path))];
  return isRead && facts.encryptionUsed && hasData(input)
    ? [errorFinding("Encryption", describeLost(path))]
    : [];
};

function describeUnread(path: string): FindingText {
  return {
    what: `kube-apiserver would not be given ${path} any more`,
    why: "Secrets are encrypted with the key in it, and could not be read without",
    fix: "keep the profile: --profile cis; or put the provider identity first in that file, restart kube-apiserver, write all Secrets anew (kubectl get secrets -A -o json | kubectl replace -f -) and ignore this check",
  };
}

function describeLost(path: string): FindingText {
  return {
    what: `${path} is not there`,
    why: "Secrets in etcd are encrypted with the key in it: with the new one that init would make nobody could read them",
    fix: "put the file back from a backup. If there is none, kube-apiserver can read Secrets until it is restarted: save them (kubectl get secrets -A -o yaml), then make another cluster: slipway reset; slipway init",
  };
}

/** An etcd of others has been given data, or the API server would not have run. */
function hasData({ config, facts }: InitCheckInput): boolean {
  const { externalEtcd, etcd } = config.cluster;
  const data = facts.paths.find((fact) => fact.path === etcd.dataDir);
  return externalEtcd !== undefined || (data?.status !== undefined && data.entryCount !== 0);
}
