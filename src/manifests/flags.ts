import type { Arg } from "../config/types.ts";
import { textsOf } from "../pod/loose.ts";
import { readFirstContainer } from "../pod/read-first-container.ts";

/**
 * A component's flags as `--name=value`: its own in the order of their names, without those that the user sets, then
 * the user's in the order given. Source: kubeadm app/util/arguments.go ArgumentsToCommand.
 */
export function mergeFlags(
  own: Readonly<Record<string, string>>,
  extraArgs: readonly Arg[],
): readonly string[] {
  const replaced = new Set(extraArgs.map((arg) => arg.name));
  const kept = Object.entries(own)
    .filter(([name]) => !replaced.has(name))
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => ({ name, value }));
  return [...kept, ...extraArgs].map(({ name, value }) => `--${name}=${value}`);
}

/** What the user sets a flag to: the last one of the name counts. Source: kubeadm apis/kubeadm/argument.go GetArgValue. */
export function findArg(extraArgs: readonly Arg[], name: string): string | undefined {
  return extraArgs.findLast((arg) => arg.name === name)?.value;
}

/** The flags of a manifest's first container; none when it is not a pod that can be read. */
export function parseFlags(manifest: string | undefined): readonly Arg[] {
  return textsOf(readFirstContainer(manifest ?? "")["command"]).flatMap((word) => {
    const [, name, value] = /^--?([^=]+)=(.*)$/s.exec(word) ?? [];
    return name === undefined || value === undefined ? [] : [{ name, value }];
  });
}
