import type { CisCheck } from "./cis-check.ts";
import { CIS_FILE_CHECKS } from "./file-checks.ts";
import { CIS_FLAG_CHECKS } from "./flag-checks.ts";

/** Every recommendation for a control plane that a machine can be asked about. */
export const CIS_CHECKS: readonly CisCheck[] = [...CIS_FILE_CHECKS, ...CIS_FLAG_CHECKS];

/** What is left of sections 1 to 3 and of 4.1, and why. */
export const NOT_CHECKED: Readonly<Record<string, string>> = {
  "1.1.9": "files of a network plug-in: init installs none",
  "1.1.10": "the same",
  "3.1.1": "who may use client certificates is for people to decide",
  "3.1.2": "service account tokens, the same",
  "3.1.3": "bootstrap tokens, the same",
  "4.1.1": "the kubelet's service is of who installs a kubelet",
  "4.1.2": "the same",
  "4.1.3": "kube-proxy's kubeconfig is in a ConfigMap",
  "4.1.4": "the same",
};
