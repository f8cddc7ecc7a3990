import { join, relative } from "node:path";
import { ownComponents } from "../config/own-components.ts";
import { buildPaths } from "../core/paths.ts";
import { moveCommand } from "../core/quote-shell.ts";
import type { FreeSpaceFact } from "../facts/types.ts";
import { errorFinding, type InitCheck, type InitCheckInput, warningFinding } from "./init-check.ts";
import type { Finding } from "./types.ts";

const MIB = 1024 * 1024;

/** Enough for etcd's first two log segments (64 MB each), an empty database and the components' logs. */
const NEEDED_BYTES = 512 * MIB;

/** For one that is made: two further log segments. Source: etcd server/storage/wal SegmentSizeBytes (64 MB). */
const NEEDED_TO_GO_ON_BYTES = 128 * MIB;

/** Where only keys, manifests and sockets lie, 100 KiB in all: a small /run or /etc is enough. */
const NEEDED_FOR_FILES_BYTES = MIB;

/** A control plane that has just been made has 125 files and directories (measured). */
const NEEDED_FILES = 256;
const NEEDED_TO_GO_ON_FILES = 64;

/** etcd's database may grow to this. Source: etcd server/storage DefaultQuotaBytes. */
const ADVISED_BYTES = 2048 * MIB;

/** Manifests of somebody else's control plane. Source: kubeadm app/preflight FileAvailableCheck. */
export const checkManifests: InitCheck = (input) => {
  const { config, facts, resuming } = input;
  if (resuming) return [];
  const { manifestDir } = buildPaths({ root: config.root, uid: facts.machine.uid });
  return ownComponents(config.cluster)
    .map((component) => join(manifestDir, `${component}.yaml`))
    .filter((path) => facts.paths.find((fact) => fact.path === path)?.status !== undefined)
    .map((path) =>
      errorFinding(`FileAvailable-${nameOf(input, path)}`, {
        what: `${path} exists already`,
        why: "it is not from a run of init under this root",
        fix: `if that control plane may go: kubeadm reset, or slipway reset; else give this one another --root`,
      }),
    );
};

/** An old database would be another cluster's. Source: kubeadm app/preflight DirAvailableCheck. */
export const checkDataDir: InitCheck = (input) => {
  const path = input.config.cluster.etcd.dataDir;
  const fact = input.facts.paths.find((candidate) => candidate.path === path);
  const isOthers = input.config.cluster.externalEtcd !== undefined;
  if (isOthers || input.resuming || fact?.status === undefined) return [];
  const isDirectory = fact.status.kind === "directory";
  if (isDirectory && fact.entryCount === 0) return [];
  const count = fact.entryCount === undefined ? "it cannot be listed" : `it has ${fact.entryCount} entries`;
  return [
    errorFinding(`DirAvailable-${nameOf(input, path)}`, {
      what: `etcd's data directory ${path} is not empty`,
      why: isDirectory ? count : "it is not a directory",
      fix: `if its data may go, empty it; to keep it, move it: ${moveCommand(path)}`,
    }),
  ];
};

/** Parents of what init writes. A missing right to `/` is already told by `IsPrivilegedUser`. */
export const checkWritable: InitCheck = ({ config, facts }) => {
  const { uid } = facts.machine;
  if (config.root === "/" && uid !== 0) return [];
  return facts.unwritable.map((path) =>
    errorFinding("Writable", {
      what: `nothing can be written to ${path}`,
      why: `this user (uid ${uid}) may not, or its file system is read-only`,
      fix: `mend its permissions (ls -ld ${path}) or its mount (read-only?), or choose another --root`,
    }),
  );
};

/** The fullest of the file systems that init writes to. */
export const checkFreeSpace: InitCheck = ({ facts, resuming }) => {
  const findings = facts.freeSpace
    .toSorted((left, right) => left.bytes - right.bytes)
    .map((space) => judgeSpace(space, { resuming }))
    .filter((finding) => finding !== undefined);
  const worst = findings.find(({ severity }) => severity === "error") ?? findings[0];
  return worst === undefined ? [] : [worst];
};

function judgeSpace(
  { path, bytes, files, holdsData }: FreeSpaceFact,
  { resuming }: Pick<InitCheckInput, "resuming">,
): Finding | undefined {
  const neededFiles = resuming ? NEEDED_TO_GO_ON_FILES : NEEDED_FILES;
  if (files < neededFiles) {
    const what = `only ${files} more files can be made at ${path}`;
    const why = `its file system has a limit of files (inodes), and a control plane needs some ${neededFiles}`;
    return errorFinding("FreeSpace", { what, why, fix: `remove files that nobody needs (df -i ${path})` });
  }
  const what = `only ${Math.floor(bytes / MIB)} MiB are free at ${path}`;
  const fix = `free some space on the file system of ${path} (df -h ${path})`;
  const needed = !holdsData ? NEEDED_FOR_FILES_BYTES : resuming ? NEEDED_TO_GO_ON_BYTES : NEEDED_BYTES;
  if (bytes < needed) {
    const why = `a control plane needs ${needed / MIB} MiB${holdsData ? "" : " there"} to ${resuming ? "go on" : "start"}`;
    return errorFinding("FreeSpace", { what, why, fix });
  }
  if (!holdsData || bytes >= ADVISED_BYTES) return undefined;
  const why = `etcd's database may grow to ${ADVISED_BYTES / MIB} MiB`;
  return warningFinding("FreeSpace", { what, why, fix });
}

/** A path as kubeadm puts it into a check's name, without the root: `-etc-kubernetes-manifests-etcd.yaml`. */
function nameOf({ config }: InitCheckInput, path: string): string {
  const inside = relative(config.root, path);
  return `/${inside.startsWith("..") ? path.slice(1) : inside}`.replaceAll("/", "-");
}
