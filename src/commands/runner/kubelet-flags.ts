import { resolve } from "node:path";
import { readTaints } from "../../config/node-flags.ts";
import { SlipwayError } from "../../core/errors.ts";
import { redactUrl } from "../../core/redact.ts";

/** The kubelet's flags that say where a runner's pods come from, and what it needs without a cluster. */
export interface KubeletFlags {
  readonly config?: string;
  readonly configDir?: string;
  readonly podManifestPath?: string;
  readonly manifestUrl?: string;
  /** `name:value`, comma-separated, as often as wanted. */
  readonly manifestUrlHeader?: readonly string[];
  readonly fileCheckFrequency?: string;
  readonly httpCheckFrequency?: string;
  readonly maxPods?: number;
  readonly hostnameOverride?: string;
  readonly nodeIp?: string;
  readonly kubeconfig?: string;
  /** Where the serving certificate lies, or is made, when the configuration names none. */
  readonly certDir?: string;
  /** `key=value`, comma-separated. */
  readonly nodeLabels?: string;
  /** `key=value:effect`, comma-separated. */
  readonly registerWithTaints?: string;
  /** Without a value it is true. */
  readonly registerNode?: string | true;
  readonly badManifest?: "keep" | "remove";
  /** How each event is told; no flag of the kubelet's. */
  readonly logFormat?: "text" | "json";
  /** Flags that do nothing here, as they were written. */
  readonly idle: readonly string[];
}

/** Whether any flag asks for a runner of its own, without what init has written. */
export function asksForStandalone(flags: Omit<KubeletFlags, "idle">): boolean {
  const { config, configDir, podManifestPath, manifestUrl } = flags;
  return [config, configDir, podManifestPath, manifestUrl].some((flag) => flag !== undefined);
}

/**
 * The flags as fields of a KubeletConfiguration, which they win over. A relative path belongs to the working directory.
 * Raises SLIPWAY_USAGE for a header without a colon. Source: cmd/kubelet/app/options/options.go AddKubeletConfigFlags.
 */
export function describeFlagFields(
  flags: KubeletFlags,
  workingDir: string,
): Readonly<Record<string, unknown>> {
  const { podManifestPath, manifestUrl, manifestUrlHeader, fileCheckFrequency, httpCheckFrequency } = flags;
  const { maxPods, registerNode, registerWithTaints } = flags;
  return Object.fromEntries(
    Object.entries({
      staticPodPath:
        podManifestPath === undefined || podManifestPath === ""
          ? podManifestPath
          : resolve(workingDir, podManifestPath),
      staticPodURL: manifestUrl,
      staticPodURLHeader: manifestUrlHeader === undefined ? undefined : parseHeaders(manifestUrlHeader),
      fileCheckFrequency,
      httpCheckFrequency,
      maxPods,
      registerNode: registerNode === undefined ? undefined : TRUE.includes(String(registerNode)),
      registerWithTaints: registerWithTaints === undefined ? undefined : readTaints(registerWithTaints).value,
    }).filter(([, value]) => value !== undefined),
  );
}

/** Source: Go strconv.ParseBool. */
const TRUE: readonly string[] = ["1", "t", "T", "true", "TRUE", "True"];

/** Source: component-base cli/flag colon_separated_multimap_string_string.go. Values are told nowhere. */
function parseHeaders(texts: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const headers: Record<string, readonly string[]> = {};
  for (const pair of texts.flatMap((text) => text.split(",")).filter((text) => text !== "")) {
    const at = pair.indexOf(":");
    if (at < 0) {
      throw new SlipwayError({
        code: "SLIPWAY_USAGE",
        what: "--manifest-url-header cannot be read",
        why: "a part of it has no colon",
        fix: "write --manifest-url-header=NAME:VALUE, several with commas between",
      });
    }
    const name = pair.slice(0, at).trim();
    headers[name] = [...(headers[name] ?? []), pair.slice(at + 1).trim()];
  }
  return headers;
}

/** Every flag that acts, by its field. */
const NAMES = {
  config: "config",
  configDir: "config-dir",
  podManifestPath: "pod-manifest-path",
  manifestUrl: "manifest-url",
  manifestUrlHeader: "manifest-url-header",
  fileCheckFrequency: "file-check-frequency",
  httpCheckFrequency: "http-check-frequency",
  maxPods: "max-pods",
  hostnameOverride: "hostname-override",
  nodeIp: "node-ip",
  kubeconfig: "kubeconfig",
  certDir: "cert-dir",
  nodeLabels: "node-labels",
  registerWithTaints: "register-with-taints",
  registerNode: "register-node",
  badManifest: "bad-manifest",
  logFormat: "log-format",
} as const satisfies Record<Exclude<keyof KubeletFlags, "idle">, string>;

const PATHS: readonly string[] = ["config", "configDir", "podManifestPath", "kubeconfig", "certDir"];

/** The flags that act as words of a command line, with absolute paths. With `masked` no secret is in them. */
export function formatFlags(
  flags: KubeletFlags,
  options: { readonly workingDir: string; readonly masked: boolean },
): readonly string[] {
  const { workingDir, masked } = options;
  const show = (field: string, value: string): string => {
    if (PATHS.includes(field) && value !== "") return resolve(workingDir, value);
    if (!masked) return value;
    if (field === "manifestUrlHeader") return value.replace(/:[^,]*/g, ":<masked>");
    return field === "manifestUrl" ? redactUrl(value) : value;
  };
  return Object.entries(NAMES).flatMap(([field, name]) => {
    const value = Object.entries(flags).find(([key]) => key === field)?.[1];
    const values: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
    return values.map((one) => `--${name}=${show(field, String(one))}`);
  });
}

/** The flags that `formatFlags` has written unmasked; a word that is none of them is left out. */
export function parseFlags(words: readonly string[]): KubeletFlags {
  const valuesOf = (name: string): readonly string[] =>
    words.filter((word) => word.startsWith(`--${name}=`)).map((word) => word.slice(name.length + 3));
  const fields = Object.entries(NAMES).flatMap(([field, name]): (readonly [string, unknown])[] => {
    const values = valuesOf(name);
    if (values.length === 0) return [];
    if (field === "manifestUrlHeader") return [[field, values]];
    return [[field, field === "maxPods" ? Number(values.at(-1)) : values.at(-1)]];
  });
  // Each value was of its field's type when it was written.
  return { ...(Object.fromEntries(fields) as Omit<KubeletFlags, "idle">), idle: [] };
}
