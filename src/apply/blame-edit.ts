import { whenReadable } from "../facts/list-processes.ts";
import type { System } from "../system/system.ts";
import type { ContainerFailure } from "./explain-container.ts";
import type { Ledger } from "./ledger.ts";
import { hashText } from "./observe-entries.ts";

/** A failure as it is, or, of a pod whose manifest is not as init wrote it, with that and what to do about it. */
export async function blameEdit<Failure extends Pick<ContainerFailure, "cause" | "fix" | "inManifest">>(
  system: Pick<System, "fs">,
  options: {
    readonly failure: Failure;
    readonly ledger: Ledger | undefined;
    /** The manifest's path. */
    readonly path: string;
  },
): Promise<Failure> {
  const { failure, path } = options;
  if (!(await isEdited(system, options))) return failure;
  const cause = `${failure.cause.replace(/\.$/, "")}; ${path} was edited since init wrote it`;
  if (!failure.inManifest) return { ...failure, cause };
  return { ...failure, cause, fix: "correct it there, or have it written again as it was: slipway init" };
}

/** False where the ledger does not tell what init wrote, and of a file that is gone. */
async function isEdited(
  system: Pick<System, "fs">,
  { ledger, path }: { readonly ledger: Ledger | undefined; readonly path: string },
): Promise<boolean> {
  const written = ledger?.entries.find((entry) => entry.path === path)?.sha256;
  if (written === undefined) return false;
  const text = await whenReadable(system.fs.readTextIfExists(path));
  return text !== undefined && hashText(text) !== written;
}
