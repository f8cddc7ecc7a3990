import { isDnsLabel, isDnsSubdomain } from "../core/names.ts";

/** One thing that is wrong with a pod, at a field such as `spec.containers[0].name`. */
export interface PodProblem {
  readonly path: string;
  readonly message: string;
}

export function problem(path: string, message: string): PodProblem {
  return { path, message };
}

/** The problem unless the condition holds: a list of these reads as what must be true. */
export function unless(holds: boolean, path: string, message: string): readonly PodProblem[] {
  return holds ? [] : [{ path, message }];
}

/** A text that has to be there. */
export function requireText(text: string, path: string): readonly PodProblem[] {
  return unless(text !== "", path, "it is required");
}

/** A text that has to be one of a few; the empty text only where it is among them. */
export function requireOneOf(text: string, path: string, known: readonly string[]): readonly PodProblem[] {
  const named = known.filter((name) => name !== "").join(", ");
  return unless(known.includes(text), path, `${JSON.stringify(text)} is none of ${named}`);
}

/** A number within bounds, if it is there. */
export function requireRange(
  value: number | undefined,
  path: string,
  [lowest, highest]: readonly [number, number],
): readonly PodProblem[] {
  const fits = value === undefined || (value >= lowest && value <= highest);
  return unless(fits, path, `${value} is not within ${lowest} to ${highest}`);
}

/** Source: apimachinery validation IsDNS1123Label. */
export function requireDnsLabel(text: string, path: string): readonly PodProblem[] {
  const rule = "lower-case letters, digits and dashes, at most 63";
  return unless(isDnsLabel(text), path, `${JSON.stringify(text)} is not a DNS label (${rule})`);
}

/** Source: apimachinery validation IsDNS1123Subdomain. */
export function requireDnsName(text: string, path: string): readonly PodProblem[] {
  const rule = "lower-case letters, digits, dashes and dots, at most 253";
  return unless(isDnsSubdomain(text), path, `${JSON.stringify(text)} is not a DNS name (${rule})`);
}

/** Source: validation.go validatePathNoBacksteps. */
export function requireNoBacksteps(path: string, place: string): readonly PodProblem[] {
  return unless(!path.split("/").includes(".."), place, "it may not hold ..");
}

/** Source: validation.go validateLocalDescendingPath. */
export function requireRelative(path: string, place: string): readonly PodProblem[] {
  return [
    ...unless(!path.startsWith("/"), place, "it must be a relative path"),
    ...requireNoBacksteps(path, place),
  ];
}

/** Those that are not the first of their kind: `[index, key]`. */
export function repeated(keys: readonly string[]): readonly (readonly [number, string])[] {
  return keys
    .map((key, index) => [index, key] as const)
    .filter(([index, key]) => keys.indexOf(key) !== index);
}
