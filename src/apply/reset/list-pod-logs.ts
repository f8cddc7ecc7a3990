import { basename, dirname, join, resolve } from "node:path";
import type { ClusterPaths } from "../../core/paths.ts";
import type { ContainerRecord } from "../../runtime/container-record.ts";
import { logLinkPath } from "../../runtime/logs/log-link-path.ts";
import type { System } from "../../system/system.ts";
import type { Removal } from "./build-reset-plan.ts";

type Path = Pick<Removal, "kind" | "path">;

/**
 * The links to the containers' logs, and the logs that no tree covers, for a power cut may have taken its note; children
 * first. Where a record is damaged its link is known by the container's ID, or by the tree that it leads into.
 */
export async function listPodLogs(
  system: System,
  options: {
    readonly paths: ClusterPaths;
    readonly records: readonly ContainerRecord[];
    readonly containerIds: readonly string[];
    /** Trees that go anyway. */
    readonly trees: readonly string[];
  },
): Promise<readonly Path[]> {
  const { paths, records, containerIds, trees } = options;
  const isCovered = (path: string): boolean =>
    trees.some((tree) => path === tree || path.startsWith(`${tree}/`));
  const uncovered = records.filter(({ spec }) => !isCovered(spec.logPath));
  const files = await Promise.all(uncovered.map(({ spec }) => listRotated(system, spec.logPath)));
  const dirs = new Set(uncovered.map(({ spec }) => dirname(spec.logPath)));
  const podDirs = new Set([...dirs].map((path) => dirname(path)));
  const links = (await listLinks(system, paths.containerLogsDir)).filter(
    ({ path, target }) => containerIds.some((id) => path.endsWith(`-${id}.log`)) || isCovered(target),
  );
  const linkPaths = new Set([...records.map(logLinkPath), ...links.map(({ path }) => path)]);
  return [
    ...[...linkPaths, ...files.flat()].map((path) => ({ kind: "file" as const, path })),
    ...[...dirs, ...podDirs].map((path) => ({ kind: "shared-dir" as const, path })),
  ];
}

/** A log and what was moved aside of it. */
async function listRotated(system: Pick<System, "fs">, logPath: string): Promise<readonly string[]> {
  const dir = dirname(logPath);
  if ((await system.fs.lstat(dir))?.kind !== "directory") return [];
  return (await system.fs.list(dir))
    .filter((name) => name.startsWith(basename(logPath)))
    .map((name) => join(dir, name));
}

async function listLinks(
  system: Pick<System, "fs">,
  dir: string,
): Promise<readonly { readonly path: string; readonly target: string }[]> {
  if ((await system.fs.lstat(dir))?.kind !== "directory") return [];
  const found = (await system.fs.list(dir)).map(async (name) => {
    const path = join(dir, name);
    if ((await system.fs.lstat(path))?.kind !== "symlink") return [];
    return [{ path, target: resolve(dir, await system.fs.readLink(path)) }];
  });
  return (await Promise.all(found)).flat();
}
