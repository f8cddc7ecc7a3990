import { DEFAULT_KUBERNETES_VERSION } from "../core/constants.ts";
import { readOwnVersion } from "./package-root.ts";

/** What `slipway version` prints. */
export interface VersionAnswer {
  readonly apiVersion: "slipway.dev/v1";
  readonly kind: "Version";
  readonly version: string;
  /** What init installs when no version is asked for. */
  readonly kubernetesVersion: string;
  readonly nodeVersion: string;
}

/** The versions of this program. */
export function runVersion(): VersionAnswer {
  return {
    apiVersion: "slipway.dev/v1",
    kind: "Version",
    version: readOwnVersion(),
    kubernetesVersion: DEFAULT_KUBERNETES_VERSION,
    nodeVersion: process.versions.node,
  };
}
