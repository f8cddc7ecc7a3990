import { resolve } from "node:path";
import { SlipwayError } from "../core/errors.ts";
import type { System } from "../system/system.ts";
import { findCached } from "./cache.ts";
import { selectCacheDirs } from "./cache-dirs.ts";
import { selectNeededVersion } from "./component-version.ts";
import { describeMissing, findInDirs } from "./sources/dir.ts";
import type { Component, ComponentName, ComponentProgress, ComponentRequest } from "./types.ts";

/** What is wanted, and who is told what goes on. */
export interface EnsureOptions {
  readonly request: ComponentRequest;
  readonly onProgress: (progress: ComponentProgress) => void;
  /** Lines for the user: which source was taken, warnings. */
  readonly onNote: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gets the wanted binaries, in the order of `request.names`. `auto` takes each from the first of: the named directory,
 * the cache, PATH (when no directory is named), the network when it answers, the Go toolchain. `download` and `go`
 * also take from the cache what is there.
 * Raises SLIPWAY_VERSION_UNSUPPORTED; for `auto` SLIPWAY_COMPONENT_NOT_FOUND, whose details tell what each source
 * said; for one source what that source raises. Rejects with the signal's reason.
 */
export async function ensureComponents(
  system: System,
  options: EnsureOptions,
): Promise<readonly Component[]> {
  const { request } = options;
  const dir = request.dir === undefined ? undefined : resolve(system.host.workingDir(), request.dir);
  const search: Search = { ...options, request: { ...request, dir }, found: [], refusals: [] };
  for (const source of selectSources(search.request)) {
    options.signal?.throwIfAborted();
    const names = missingNames(search);
    if (names.length > 0) await source(system, { search, names });
  }
  if (missingNames(search).length > 0) throw notFound(search);
  const components = request.names.flatMap((name) =>
    search.found.filter((component) => component.name === name),
  );
  for (const line of describeOrigins(components)) options.onNote(line);
  return components;
}

/** A search that is going on: what was found and what sources said that had nothing. */
interface Search extends EnsureOptions {
  readonly found: Component[];
  readonly refusals: string[];
}

type Source = (
  system: System,
  options: { readonly search: Search; readonly names: readonly ComponentName[] },
) => Promise<void>;

function selectSources(request: ComponentRequest): readonly Source[] {
  switch (request.source) {
    case "dir":
      return [demandDirs];
    case "download":
      return [tryCache, demandDownload];
    case "go":
      return [tryCache, demandGo];
    case "auto": {
      const local = request.dir === undefined ? [tryCache, tryDirs] : [tryDirs, tryCache];
      return [...local, tryDownload, tryGo];
    }
  }
}

const tryCache: Source = async (system, { search, names }) => {
  const { kubernetesVersion } = search.request;
  await Promise.all(
    names.map(async (name) => {
      const found = await findCached(system, { name, version: selectNeededVersion(name, kubernetesVersion) });
      if (found !== undefined)
        search.found.push({ name, version: found.version, path: found.path, origin: "cache" });
    }),
  );
  const missing = missingNames(search);
  if (missing.length > 0)
    search.refusals.push(`cache: ${missing.join(", ")} not in ${selectCacheDirs(system).join(", ")}`);
};

const tryDirs: Source = async (system, { search, names }) => {
  const { kubernetesVersion, dir } = search.request;
  for (const finding of await findInDirs(system, { kubernetesVersion, dir, names })) {
    if (finding.kind !== "found") {
      search.refusals.push(`${dir === undefined ? "path" : "dir"}: ${finding.reason}`);
      if (finding.kind === "unfit") search.onNote(`${finding.name} is not used: ${finding.reason}`);
      continue;
    }
    search.found.push(finding.component);
    if (finding.warning !== undefined) search.onNote(`warning: ${finding.warning}`);
  }
};

const demandDirs: Source = async (system, { search, names }) => {
  const { kubernetesVersion, dir } = search.request;
  const findings = await findInDirs(system, { kubernetesVersion, dir, names });
  const missing = findings.filter((finding) => finding.kind !== "found");
  if (missing.length > 0) throw describeMissing({ missing, kubernetesVersion, dir });
  await tryDirs(system, { search, names });
};

const demandDownload: Source = async (system, { search, names }) => {
  const { downloadComponents } = await import("./sources/download.ts");
  const binaries = await downloadComponents(system, { ...search, ...search.request, names });
  search.found.push(...toComponents({ names, binaries }));
};

const demandGo: Source = async (system, { search, names }) => {
  const { buildWithGo } = await import("./sources/go.ts");
  const binaries = await buildWithGo(system, { ...search, ...search.request, names });
  search.found.push(...toComponents({ names, binaries }));
};

/** etcd comes from another host than the rest: the one may answer and the other not. */
const tryDownload: Source = async (system, { search, names }) => {
  const { probeRelease } = await import("./sources/download.ts");
  const hosts = [names.filter((name) => name !== "etcd"), names.filter((name) => name === "etcd")];
  for (const group of hosts) {
    const [name] = group;
    if (name === undefined) continue;
    const silence = await probeRelease(system, { ...search, ...search.request, name });
    search.signal?.throwIfAborted();
    if (silence === undefined) await refusable(demandDownload, "download")(system, { search, names: group });
    else search.refusals.push(`download: ${silence}`);
  }
};

const tryGo: Source = (system, options) => refusable(demandGo, "go")(system, options);

/** Turns a source's failure into a line, and takes what it had put in the cache before it failed. */
function refusable(source: Source, label: string): Source {
  return async (system, { search, names }) => {
    try {
      await source(system, { search, names });
    } catch (error) {
      search.signal?.throwIfAborted();
      if (!(error instanceof SlipwayError)) throw error;
      search.onNote(`${label}: ${error.message}`);
      search.refusals.push(`${label}: ${error.message} (${error.fix})`);
      await tryCache(system, { search: { ...search, refusals: [] }, names });
    }
  };
}

function toComponents(options: {
  readonly names: readonly ComponentName[];
  readonly binaries: readonly {
    readonly name: string;
    readonly version: string;
    readonly path: string;
    readonly origin: string;
  }[];
}): readonly Component[] {
  return options.names.flatMap((name) =>
    options.binaries
      .filter((binary) => binary.name === name)
      .map(({ version, path, origin }) => ({ name, version, path, origin })),
  );
}

function missingNames(search: Search): readonly ComponentName[] {
  return search.request.names.filter((name) => !search.found.some((component) => component.name === name));
}

function describeOrigins(found: readonly Component[]): readonly string[] {
  const origins = [...new Set(found.map(({ origin }) => origin))];
  return origins.map((origin) => {
    const those = found.filter((component) => component.origin === origin);
    return `${ORIGIN_WORDS[origin] ?? origin}: ${those.map(({ name, version }) => `${name} ${version}`).join(", ")}`;
  });
}

const ORIGIN_WORDS: Readonly<Record<string, string>> = {
  cache: "from the cache",
  dir: "from the component directory",
  path: "from PATH",
  download: "downloaded",
  go: "built with Go",
};

function notFound(search: Search): SlipwayError {
  const { kubernetesVersion } = search.request;
  return new SlipwayError({
    code: "SLIPWAY_COMPONENT_NOT_FOUND",
    what: `no source has ${missingNames(search).join(", ")} for Kubernetes ${kubernetesVersion}`,
    why: "the cache, the directories, the network and the Go toolchain were tried in turn",
    fix: "bring the programs in a directory (--component-dir DIR), name a mirror (--component-mirror URL), or install Go",
    details: search.refusals,
  });
}
