import type { Account } from "../config/types.ts";
import type { Step } from "./types.ts";

/** A step that makes a directory (its missing parents get 0755). Others need it as `dir:<path>`. */
export function directoryStep(options: {
  readonly phase: string;
  readonly path: string;
  readonly mode: number;
  readonly owner?: Account | undefined;
}): Step {
  return {
    kind: "directory",
    id: `dir:${options.path}`,
    title: `make ${options.path}`,
    needs: [],
    ...options,
  };
}
