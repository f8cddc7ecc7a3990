import type { SlipwayError } from "../core/errors.ts";
import { buildPaths } from "../core/paths.ts";
import { redactUrl } from "../core/redact.ts";
import type { System } from "../system/system.ts";
import { findStaticPodRunners, readWords } from "./find-other-runners.ts";
import { type KubeletSources, readKubeletSources } from "./kubelet-sources.ts";
import { readSystemdUnit } from "./read-systemd-unit.ts";

/** A place from which static pods are run on this machine, and how that is known. */
export type StaticPodSource =
  | { readonly kind: "path"; readonly path: string; readonly how: string }
  | { readonly kind: "url"; readonly url: string; readonly how: string };

/**
 * Where static pods are read on this machine, the surest first: by what runs now (kubelet or runner), by the kubelet's
 * systemd unit, by the runner's configuration under `root`. A place is named once. Empty: nobody reads any. Raises
 * SLIPWAY_FILE_ACCESS where the configuration that would tell cannot be read.
 */
export async function findStaticPodPath(
  system: System,
  options: { readonly root: string },
): Promise<readonly StaticPodSource[]> {
  const unread: SlipwayError[] = [];
  const runners = await findStaticPodRunners(system, (_process, error) => void unread.push(error));
  const running = runners.flatMap(({ pid, command, sources }) =>
    describeSources(sources, `running ${command} (pid ${pid})`),
  );
  const unit = await readSystemdUnit(system, { name: "kubelet.service" });
  const configured =
    unit === undefined
      ? []
      : describeSources(await readKubeletSources(system, { argv: unit.argv, workingDir: "/" }), unit.path);
  const { runnerConfigPath, runnerFlagsPath } = buildPaths({ root: options.root, uid: system.host.uid });
  const ours = describeSources(
    await readKubeletSources(system, { argv: [`--config=${runnerConfigPath}`], workingDir: "/" }),
    "slipway runner",
  );
  const started = describeSources(
    await readKubeletSources(system, { argv: await readWords(system, runnerFlagsPath), workingDir: "/" }),
    "slipway runner, as it was started last",
  );
  const found = selectDistinct([...running, ...configured, ...ours, ...started]);
  if (found.length === 0 && unread[0] !== undefined) throw unread[0];
  return found;
}

function describeSources({ path, url }: KubeletSources, who: string): readonly StaticPodSource[] {
  return [
    ...(path === undefined ? [] : [{ kind: "path", path: path.value, how: `${who}: ${path.from}` } as const]),
    ...(url === undefined
      ? []
      : [{ kind: "url", url: redactUrl(url.value), how: `${who}: ${url.from}` } as const]),
  ];
}

function selectDistinct(sources: readonly StaticPodSource[]): readonly StaticPodSource[] {
  const place = (source: StaticPodSource): string => (source.kind === "path" ? source.path : source.url);
  return sources.filter(
    (source, index) => sources.findIndex((other) => place(other) === place(source)) === index,
  );
}
