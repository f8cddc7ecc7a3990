import { whenReadable } from "../facts/list-processes.ts";
import type { System } from "../system/system.ts";
import type { ContainerFailure } from "./explain-container.ts";
import { hashText, type Ledger, writtenHash } from "./ledger.ts";

/**
 * A failure as it is, or, where the pod's manifest or another that it may lie in is not as init wrote it, with that and
 * what to do about it.
 */
export async function blameEdit<
  Failure extends Pick<ContainerFailure, "cause" | "fix" | "inManifest" | "otherManifest">,
>(
  system: Pick<System, "fs">,
  options: {
    readonly failure: Failure;
    readonly ledger: Ledger | undefined;
    /** The manifest's path. */
    readonly path: string;
  },
): Promise<Failure> {
  const { failure, ledger } = options;
  const paths = [options.path, failure.otherManifest].filter((path) => path !== undefined);
  const edited = await Promise.all(paths.map((path) => isEdited(system, { ledger, path })));
  const path = paths.find((_path, index) => edited[index]);
  if (path === undefined) return failure;
  const cause = `${failure.cause.replace(/\.$/, "")}; ${path} was edited since init wrote it`;
  if (!failure.inManifest) return { ...failure, cause };
  return { ...failure, cause, fix: "correct it there, or have it written again as it was: slipway init" };
}

/**
 * Whether a file is not as init wrote it. False where the ledger does not tell what init wrote, and of a file that is
 * gone.
 */
export async function isEdited(
  system: Pick<System, "fs">,
  { ledger, path }: { readonly ledger: Ledger | undefined; readonly path: string },
): Promise<boolean> {
  const written = writtenHash(ledger, path);
  if (written === undefined) return false;
  const text = await whenReadable(system.fs.readTextIfExists(path));
  return text !== undefined && hashText(text) !== written;
}
