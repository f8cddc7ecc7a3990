import { join } from "node:path";
import { SlipwayError } from "../../core/errors.ts";
import type { System } from "../../system/system.ts";
import { readBinaryVersion } from "../binary-version.ts";
import { judgeVersion, selectNeededVersion } from "../component-version.ts";
import type { Component, ComponentName } from "../types.ts";

/** What a search for one program gave. `warning`: it will do, but it is another patch. */
export type DirFinding =
  | { readonly kind: "found"; readonly component: Component; readonly warning: string | undefined }
  | { readonly kind: "absent" | "unfit"; readonly name: ComponentName; readonly reason: string };

/**
 * Looks for programs in a directory, or without one in those of PATH, and asks each for its version, all at once.
 * They are used where they lie. The first in PATH of a usable version is taken.
 */
export async function findInDirs(
  system: System,
  options: {
    readonly kubernetesVersion: string;
    readonly dir: string | undefined;
    readonly names: readonly ComponentName[];
  },
): Promise<readonly DirFinding[]> {
  return Promise.all(
    options.names.map((name) =>
      findProgram(system, {
        name,
        dir: options.dir,
        needed: selectNeededVersion(name, options.kubernetesVersion),
      }),
    ),
  );
}

/** Looks for one program of at least this version, as `findInDirs` does. */
export async function findProgram(
  system: System,
  options: { readonly name: ComponentName; readonly needed: string; readonly dir: string | undefined },
): Promise<DirFinding> {
  const { name, needed, dir } = options;
  const dirs = dir === undefined ? pathDirs(system) : [dir];
  const reasons: string[] = [];
  for (const path of dirs.map((parent) => join(parent, name))) {
    if ((await system.fs.stat(path).catch(() => undefined))?.kind !== "file") continue;
    const answer = await readBinaryVersion(system, { name, path });
    if (answer.kind === "unknown") {
      reasons.push(`${path}: ${answer.reason}`);
      continue;
    }
    const verdict = judgeVersion({ name, needed, found: answer.version });
    if (verdict.kind === "unfit") {
      reasons.push(`${path}: ${verdict.reason}`);
      continue;
    }
    const origin = dir === undefined ? "path" : "dir";
    const warning = verdict.kind === "near" ? `${verdict.warning} (${path})` : undefined;
    return { kind: "found", component: { name, version: answer.version, path, origin }, warning };
  }
  if (reasons.length > 0) return { kind: "unfit", name, reason: reasons.join("; ") };
  return { kind: "absent", name, reason: `${name} is not ${dir === undefined ? "on PATH" : `in ${dir}`}` };
}

/**
 * The failure for programs that a directory was asked for and does not have: SLIPWAY_COMPONENT_VERSION when they are
 * there but do not fit, else SLIPWAY_COMPONENT_NOT_FOUND.
 */
export function describeMissing(options: {
  readonly missing: readonly Exclude<DirFinding, { readonly kind: "found" }>[];
  readonly kubernetesVersion: string;
  readonly dir: string | undefined;
}): SlipwayError {
  const { missing, kubernetesVersion, dir } = options;
  const place = dir ?? "PATH";
  const absent = missing.some(({ kind }) => kind === "absent");
  return new SlipwayError({
    code: absent ? "SLIPWAY_COMPONENT_NOT_FOUND" : "SLIPWAY_COMPONENT_VERSION",
    what: `${place} lacks programs for Kubernetes ${kubernetesVersion}: ${missing.map(({ name }) => name).join(", ")}`,
    why: missing[0]?.reason ?? "",
    fix: `put them there (slipway components fetch gets them), or name another source: --components download or --components go`,
    details: missing.slice(1).map(({ reason }) => reason),
  });
}

/** An empty part of PATH would mean the working directory: nothing is run from there by chance. */
function pathDirs(system: System): readonly string[] {
  return (system.host.env["PATH"] ?? "").split(":").filter((dir) => dir.startsWith("/"));
}
