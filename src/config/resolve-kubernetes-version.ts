import { DEFAULT_KUBERNETES_VERSION } from "../core/constants.ts";
import { MINOR_VERSIONS } from "../core/kubernetes-versions.ts";
import { quote } from "./field-rules.ts";

/**
 * The version that is meant by `v1.37.2`, `1.37.2`, `1.37` and `stable-1.37` (the newest patch we know) or `stable`,
 * `stable-1` and nothing (our default); no network is asked. A problem reads as the rest of a sentence.
 */
export function resolveKubernetesVersion(
  text: string,
): { readonly version: string } | { readonly problem: string } {
  if (["", "stable", "stable-1"].includes(text)) return { version: DEFAULT_KUBERNETES_VERSION };
  const minorOnly = /^(?:stable-|v)?1\.(\d{1,3})$/.exec(text);
  const full = /^v?(1\.(\d{1,3})\.(?:0|[1-9]\d{0,4})(?:-[0-9A-Za-z][0-9A-Za-z.-]{0,63})?)$/.exec(text);
  const minor = (full?.[2] ?? minorOnly?.[1]) && Number(full?.[2] ?? minorOnly?.[1]);
  if (minor === undefined || minor === "") return { problem: describeUnreadable(text) };
  const row = MINOR_VERSIONS.find((candidate) => candidate.minor === minor);
  if (row === undefined) return { problem: `${quote(text)} is not supported; supported are ${supported()}` };
  return { version: full === null ? row.newest : `v${full[1]}` };
}

function describeUnreadable(text: string): string {
  return `${quote(text)} is not a Kubernetes version that can be known without a look-up; write it like ${DEFAULT_KUBERNETES_VERSION}, 1.37 or stable-1.37 (supported are ${supported()})`;
}

/** For a message: `1.34 to 1.37`. */
function supported(): string {
  const minors = MINOR_VERSIONS.map((row) => row.minor);
  return `1.${Math.min(...minors)} to 1.${Math.max(...minors)}`;
}
