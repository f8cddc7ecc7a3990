import { basename } from "node:path";
import { readFirstContainer } from "../pod/read-first-container.ts";
import type { System } from "../system/system.ts";
import { listProcesses } from "./list-processes.ts";

/**
 * The processes, whoever runs them, that run the command of a manifest's first container word for word; the program
 * may lie elsewhere. None for a text that is no pod with a command.
 */
export async function findManifestProcesses(system: System, manifest: string): Promise<readonly number[]> {
  const [program = "", ...words] = readCommand(manifest);
  if (program === "") return [];
  return (await listProcesses(system))
    .filter(({ argv }) => basename(argv[0] ?? "") === basename(program) && isSame(argv.slice(1), words))
    .map(({ pid }) => pid);
}

function readCommand(manifest: string): readonly string[] {
  const { command, args } = readFirstContainer(manifest);
  return [command, args].flatMap((list: unknown) => (Array.isArray(list) ? list : [])).map(String);
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((word, index) => word === right[index]);
}
