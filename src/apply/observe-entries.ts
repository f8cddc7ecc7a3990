import type { Plan, Step } from "../plan/types.ts";
import { listMissingParents } from "../system/directories.ts";
import type { System } from "../system/system.ts";
import { hashText, type LedgerEntry } from "./ledger.ts";

/**
 * The ledger entries of a plan: every path that its steps make, with the missing directories above it, parents first.
 * What an earlier ledger says of a path stands, for that run found the machine untouched; but for what it then wrote.
 */
export async function observeEntries(
  system: System,
  options: { readonly plan: Plan; readonly earlier: readonly LedgerEntry[] },
): Promise<readonly LedgerEntry[]> {
  const entries = new Map(options.earlier.map((entry) => [entry.path, entry]));
  const { trees, sharedTrees, steps } = options.plan;
  const shared = await Promise.all(
    sharedTrees.map(async (path) => ({ kind: await chooseKind(system, path), path })),
  );
  const wanted: readonly WantedPath[] = [
    ...trees.map((path) => ({ kind: "tree" as const, path })),
    ...shared,
    ...steps.flatMap(listPaths).filter(({ path }) => !trees.includes(path)),
  ];
  for (const { parentKind = "dir", ...made } of wanted) {
    const { path } = made;
    for (const above of await listMissingParents(system, path)) {
      if (!entries.has(above)) entries.set(above, { kind: parentKind, path: above, existedBefore: false });
    }
    const known = entries.get(path) ?? (await observePath(system, made));
    entries.set(path, made.sha256 === undefined ? known : { ...known, sha256: made.sha256 });
  }
  return [...entries.values()].sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** A directory that held something before is no tree of ours: reset must not empty it. */
async function chooseKind(system: System, path: string): Promise<"tree" | "dir"> {
  const used = (await system.fs.stat(path)) !== undefined && (await system.fs.list(path)).length > 0;
  return used ? "dir" : "tree";
}

/** A path that a plan makes, and what the missing directories above it become. */
interface WantedPath {
  readonly kind: LedgerEntry["kind"];
  readonly path: string;
  readonly of?: string;
  readonly sha256?: string;
  readonly parentKind?: LedgerEntry["kind"];
}

function listPaths(step: Step): readonly WantedPath[] {
  const file = (path: string) => ({ kind: "file" as const, path });
  switch (step.kind) {
    case "directory":
      return [{ kind: "dir", path: step.path }];
    case "file":
      return [{ ...file(step.path), sha256: hashText(step.content) }];
    case "kubeconfig":
    case "copy-file":
    case "encryption-config":
    case "rotate-kubelet-cert":
      return [file(step.path)];
    case "copy-kubeconfig":
      return [{ kind: "copy", path: step.path, of: step.from, parentKind: "shared-dir" }];
    case "certificate":
      return [file(step.certPath), file(step.keyPath)];
    case "service-account-keys":
      return [file(step.keyPath), file(step.pubPath)];
    default:
      return [];
  }
}

async function observePath(system: System, made: Omit<WantedPath, "parentKind">): Promise<LedgerEntry> {
  const status = await system.fs.lstat(made.path);
  if (status === undefined) return { ...made, existedBefore: false };
  const isFile = made.kind === "file" || made.kind === "copy";
  return { ...made, existedBefore: true, ...(isFile ? {} : { modeBefore: status.mode }) };
}
