import { createHash } from "node:crypto";
import * as v from "valibot";
import { describeFileError, messageOf, SlipwayError, systemErrorCode } from "../core/errors.ts";
import type { ClusterPaths } from "../core/paths.ts";
import type { System } from "../system/system.ts";
import { makeStateDir } from "./state-dir.ts";

const entrySchema = v.object({
  /**
   * `tree`: a directory with everything that comes to be below it, such as etcd's data. `shared-dir`: one that
   * others put files into as well, such as ~/.kube with kubectl's cache; it goes when it is empty. `copy`: a file
   * that was given to a user; it goes as long as it is the same as `of`.
   */
  kind: v.picklist(["file", "dir", "tree", "shared-dir", "copy"]),
  path: v.string(),
  of: v.optional(v.string()),
  existedBefore: v.boolean(),
  /** Of what init writes there, in hexadecimal, where that is fixed: a manifest's is. */
  sha256: v.optional(v.string()),
  /** Permission bits of a directory that was there before, to be given back. */
  modeBefore: v.optional(v.number()),
});

/** The flags that shape a control plane. Tokens and keys are none of them, nor is what is for one run only. */
const flagsSchema = v.object({
  apiserverAdvertiseAddress: v.optional(v.string()),
  apiserverBindPort: v.optional(v.number()),
  apiserverCertExtraSans: v.optional(v.array(v.string())),
  certDir: v.optional(v.string()),
  controlPlaneEndpoint: v.optional(v.string()),
  criSocket: v.optional(v.string()),
  featureGates: v.optional(v.record(v.string(), v.boolean())),
  /** Of the checks that failed, those that were ignored, by their names: "all" is for one run. */
  ignorePreflightErrors: v.optional(v.array(v.string())),
  imageRepository: v.optional(v.string()),
  kubernetesVersion: v.optional(v.string()),
  nodeName: v.optional(v.string()),
  patches: v.optional(v.string()),
  podNetworkCidr: v.optional(v.string()),
  profile: v.optional(v.string()),
  serviceCidr: v.optional(v.string()),
  serviceDnsDomain: v.optional(v.string()),
});

const inputSchema = v.object({
  configPath: v.optional(v.string()),
  componentDir: v.optional(v.string()),
  flags: flagsSchema,
  runtime: v.picklist(["host", "external"]),
  withProxyEnv: v.boolean(),
});

const ledgerSchema = v.object({
  apiVersion: v.literal("slipway.dev/v1"),
  kind: v.literal("Ledger"),
  root: v.string(),
  kubernetesVersion: v.string(),
  nodeName: v.string(),
  /** What init was told, and what came of it, so that it need not ask again. */
  input: v.optional(inputSchema),
  advertiseAddress: v.optional(v.string()),
  podSubnet: v.optional(v.string()),
  /** Where the local etcd has its data, whatever becomes of its manifest. */
  etcdDataDir: v.optional(v.string()),
  /** The UID of the cluster's namespace kube-system, by which etcd's data is known again. */
  clusterUid: v.optional(v.string()),
  /** Who runs the pods: the runner of this machine, or a kubelet. */
  runtime: v.optional(v.picklist(["host", "external"])),
  /** An init is at work, or has failed or been killed on its way. */
  unfinished: v.optional(v.literal(true)),
  /** Parents come before what is in them. */
  entries: v.array(entrySchema),
});

/** One path that init changes, and whether it was there before. */
export type LedgerEntry = Readonly<v.InferOutput<typeof entrySchema>>;

/**
 * What init was going to change, written before its first change. It holds no secret. Resume, "already so" and reset
 * read it; reset removes what it lists and nothing else (design D7).
 */
export type Ledger = Readonly<Omit<v.InferOutput<typeof ledgerSchema>, "entries">> & {
  readonly entries: readonly LedgerEntry[];
};

/** The command line of an init as far as it shapes the control plane; paths are absolute. */
export type LedgerInput = v.InferOutput<typeof inputSchema>;

/** Of flags those that the ledger keeps. */
export function pickRecordedFlags(flags: object): LedgerInput["flags"] {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  return v.parse(flagsSchema, Object.fromEntries(given));
}

/** The files that init writes, the ledger itself among them. */
export function listFiles(entries: readonly LedgerEntry[], paths: ClusterPaths): readonly string[] {
  return [
    ...entries.filter(({ kind }) => kind === "file" || kind === "copy").map(({ path }) => path),
    paths.ledgerPath,
    paths.ledgerCopyPath,
    paths.configCopyPath,
  ];
}

/** Whether no init has come to its end yet where an earlier one left this, so that no other node can have joined. */
export function isNewCluster(earlier: Ledger | undefined): boolean {
  return earlier === undefined || (earlier.unfinished === true && earlier.clusterUid === undefined);
}

/** Whether a path was made by us, so that it may be replaced. */
export function ownership(ledger: Ledger | undefined): (path: string) => boolean {
  const ours = new Set(ledger?.entries.filter(({ existedBefore }) => !existedBefore).map(({ path }) => path));
  return (path) => ours.has(path);
}

/**
 * The ledger of a root, or undefined when there is none. Of one that is damaged the copy is taken. Raises
 * SLIPWAY_LEDGER_CORRUPT when that is of no use either or tells of another root, and SLIPWAY_FILE_ACCESS.
 */
export async function readLedger(system: System, paths: ClusterPaths): Promise<Ledger | undefined> {
  const ledger = await readOne(system, paths.ledgerPath);
  if (ledger.kind === "read") return checkRoot(ledger.value, paths);
  const copy = await readOne(system, paths.ledgerCopyPath);
  if (copy.kind === "read") return checkRoot(copy.value, paths);
  if (ledger.kind === "absent" && copy.kind === "absent") return undefined;
  const cause = [ledger, copy].find((one) => one.kind === "damaged")?.cause;
  throw new SlipwayError({
    code: "SLIPWAY_LEDGER_CORRUPT",
    what: `the ledger ${paths.ledgerPath} cannot be read`,
    why: messageOf(cause),
    fix: `put it back from a backup, or end what runs (slipway runner stop --pods) and remove what is under ${paths.kubernetesDir} and ${paths.stateDir} by hand`,
    cause,
  });
}

/**
 * The path of the ledger or of its copy, when only the other one can be read; undefined while both can. Raises
 * SLIPWAY_FILE_ACCESS.
 */
export async function findDamagedLedger(system: System, paths: ClusterPaths): Promise<string | undefined> {
  const both = [paths.ledgerPath, paths.ledgerCopyPath];
  const useless = (await Promise.all(both.map((path) => readOne(system, path)))).map(
    ({ kind }) => kind !== "read",
  );
  return useless.every((is) => is) ? undefined : both.find((_path, index) => useless[index]);
}

/** The hash of what init wrote to a path; undefined where the ledger does not tell it. */
export function writtenHash(ledger: Ledger | undefined, path: string): string | undefined {
  return ledger?.entries.find((entry) => entry.path === path)?.sha256;
}

/** As a ledger has it. */
export function hashText(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A root that was copied lists the paths of the first one, whose control plane may be alive. */
function checkRoot(ledger: Ledger, { root, ledgerPath, kubernetesDir, stateDir }: ClusterPaths): Ledger {
  if (ledger.root === root) return ledger;
  throw new SlipwayError({
    code: "SLIPWAY_LEDGER_CORRUPT",
    what: `the ledger ${ledgerPath} is not that of ${root}`,
    why: `it tells of ${ledger.root}: that was copied or moved here, or a symbolic link leads there`,
    fix: `--root ${ledger.root} if that is meant; else remove what is under ${kubernetesDir} and ${stateDir} by hand`,
  });
}

type ReadLedger =
  | { readonly kind: "read"; readonly value: Ledger }
  | { readonly kind: "absent" }
  | { readonly kind: "damaged"; readonly cause: unknown };

async function readOne(system: System, path: string): Promise<ReadLedger> {
  let text: string | undefined;
  try {
    text = await system.fs.readTextIfExists(path);
  } catch (error) {
    const cause = describeFileError(error, { action: "read", path });
    if (systemErrorCode(error) === "EISDIR") return { kind: "damaged", cause };
    throw cause;
  }
  if (text === undefined) return { kind: "absent" };
  try {
    return { kind: "read", value: v.parse(ledgerSchema, JSON.parse(text)) };
  } catch (cause) {
    return { kind: "damaged", cause };
  }
}

/**
 * Writes the ledger and its copy, and what a configuration file said, with their directories, so that a power cut or a
 * kill leaves the old or the new one, and no directory of which no ledger tells.
 */
export async function writeLedger(
  system: System,
  options: {
    readonly paths: ClusterPaths;
    readonly ledger: Ledger;
    readonly configText?: string | undefined;
  },
): Promise<void> {
  const { paths, ledger, configText } = options;
  const data = `${JSON.stringify(ledger, undefined, 2)}\n`;
  try {
    if ((await system.fs.stat(paths.stateDir)) === undefined)
      await makeStateDir(system, { paths, file: { path: paths.ledgerPath, data } });
    else await system.fs.writeAtomic(paths.ledgerPath, { data, mode: 0o600 });
    await system.fs.writeAtomic(paths.ledgerCopyPath, { data, mode: 0o600 });
    if (configText !== undefined)
      await system.fs.writeAtomic(paths.configCopyPath, { data: configText, mode: 0o600 });
  } catch (error) {
    throw describeFileError(error, { action: "write", path: paths.ledgerPath });
  }
}
