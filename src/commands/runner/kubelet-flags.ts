import { resolve } from "node:path";
import { SlipwayError } from "../../core/errors.ts";

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
  readonly badManifest?: "keep" | "remove";
  /** Flags that do nothing here, as they were written. */
  readonly idle: readonly string[];
}

/** Whether any flag asks for a runner of its own, without what init has written. */
export function asksForStandalone(flags: KubeletFlags): boolean {
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
  const { podManifestPath, manifestUrl, manifestUrlHeader, fileCheckFrequency, httpCheckFrequency, maxPods } =
    flags;
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
    }).filter(([, value]) => value !== undefined),
  );
}

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
