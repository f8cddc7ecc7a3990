import { dirname, join, resolve } from "node:path";
import { describeFileError } from "../core/errors.ts";
import { isObject } from "../core/json.ts";
import { parseYamlDocuments } from "../core/yaml.ts";
import type { System } from "../system/system.ts";
import { readSmallFile } from "./read-small-file.ts";

/** Where a kubelet, or a runner with a kubelet's flags, reads static pods: a directory or file, and a URL. */
export interface KubeletSources {
  readonly path: { readonly value: string; readonly from: string } | undefined;
  readonly url: { readonly value: string; readonly from: string } | undefined;
}

/**
 * What a command line and the configuration files it names say. A flag wins over drop-ins, and these over the file. A
 * relative `staticPodPath` belongs to the directory of the file it stands in, save in a drop-in, where it is as
 * written. A file that is not there or not a mapping says nothing; what may not be read or is no file raises
 * SLIPWAY_FILE_ACCESS.
 * Source: kubelet cmd/kubelet/app/server.go NewKubeletCommand, kubeletconfig/configfiles/configfiles.go.
 */
export async function readKubeletSources(
  system: System,
  options: { readonly argv: readonly string[]; readonly workingDir: string },
): Promise<KubeletSources> {
  const absolute = (path: string): string => resolve(options.workingDir, path);
  const flag = (name: string): string | undefined => selectFlag(options.argv, name);
  const configPath = flag("config");
  const configDir = flag("config-dir");
  const files = [
    ...(configPath === undefined ? [] : [{ path: absolute(configPath), dropIn: false }]),
    ...(configDir === undefined ? [] : await listDropIns(system, absolute(configDir))).map((path) => ({
      path,
      dropIn: true,
    })),
  ];
  let sources: KubeletSources = { path: undefined, url: undefined };
  for (const file of files) sources = { ...sources, ...(await readConfigSources(system, file)) };
  const flagPath = flag("pod-manifest-path");
  const flagUrl = flag("manifest-url");
  return {
    path: flagPath ? { value: absolute(flagPath), from: "--pod-manifest-path" } : sources.path,
    url: flagUrl ? { value: flagUrl, from: "--manifest-url" } : sources.url,
  };
}

/** The last value of a flag, written `--name=value` or `--name value`; undefined when it is not there. */
export function selectFlag(argv: readonly string[], name: string): string | undefined {
  const values = argv.flatMap((word, index) => {
    if (word === `--${name}`) return argv[index + 1] ?? [];
    return word.startsWith(`--${name}=`) ? word.slice(name.length + 3) : [];
  });
  return values.at(-1);
}

async function readConfigSources(
  system: System,
  file: { readonly path: string; readonly dropIn: boolean },
): Promise<Partial<KubeletSources>> {
  const text = await readSmallFile(system, file.path);
  const value = parseYamlDocuments(text ?? "")[0]?.value;
  if (!isObject(value)) return {};
  const { staticPodPath, staticPodURL } = value;
  const asPath = (written: string): string => (file.dropIn ? written : resolve(dirname(file.path), written));
  return {
    ...(typeof staticPodPath === "string" && {
      path:
        staticPodPath === ""
          ? undefined
          : { value: asPath(staticPodPath), from: `staticPodPath in ${file.path}` },
    }),
    ...(typeof staticPodURL === "string" && {
      url: staticPodURL === "" ? undefined : { value: staticPodURL, from: `staticPodURL in ${file.path}` },
    }),
  };
}

async function listDropIns(system: System, dir: string): Promise<readonly string[]> {
  try {
    return await listDropInPaths(system, dir);
  } catch (error) {
    throw describeFileError(error, { action: "list", path: dir });
  }
}

/** The `.conf` files below a drop-in directory, in the order in which they apply. */
export async function listDropInPaths(system: Pick<System, "fs">, dir: string): Promise<readonly string[]> {
  if ((await system.fs.stat(dir))?.kind !== "directory") return [];
  const found = await Promise.all(
    (await system.fs.list(dir)).map(async (name) => {
      const path = join(dir, name);
      if ((await system.fs.stat(path))?.kind === "directory") return listDropInPaths(system, path);
      return name.endsWith(".conf") ? [path] : [];
    }),
  );
  return found.flat();
}
