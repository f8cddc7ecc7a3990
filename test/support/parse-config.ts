import { expect } from "vitest";
import { parseInitConfig } from "../../src/config/parse-init-config.ts";
import type { InitFlags } from "../../src/config/types.ts";
import { SlipwayError } from "../../src/core/errors.ts";

/** How documents of each kind begin; two lines each. */
export const INIT = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n";
export const CLUSTER = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n";
export const KUBELET = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";

/** A configuration as init reads it, from the file `f.yaml`. */
export function parse(text: string | undefined, flags: InitFlags = {}) {
  return parseInitConfig({ text, path: "f.yaml", flags });
}

/** The error lines of a configuration that must not be accepted. */
export function errorsOf(text: string | undefined, flags: InitFlags = {}): readonly string[] {
  try {
    parse(text, flags);
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    expect(error.code).toBe("SLIPWAY_CONFIG_INVALID");
    return error.details;
  }
  throw new Error("the configuration was accepted");
}
