import { join } from "node:path";
import { makeDirs } from "../../system/directories.ts";
import type { System } from "../../system/system.ts";
import { removeManifest, waitUntilEnded } from "../remove-manifest.ts";
import { ABSENT, DONE, type StepHandler } from "../step-handler.ts";

/** Source: kubeadm app/util/staticpod WriteStaticPodToDisk. */
const MANIFEST_MODE = 0o600;

/**
 * Complete before any manifest is removed, so that a hand-over which was killed knows them all. One that was edited since
 * is kept as it is now, once what it was before has ended. Raises SLIPWAY_WAIT_TIMEOUT when that does not end.
 */
export const keepManifestsHandler: StepHandler<"keep-manifests"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    await makeDirs(system, { path: step.toDir, mode: 0o700 });
    const onWait = (detail: string): void => context.onWait(step, detail);
    for (const name of await listManifests(system, step.fromDir)) {
      const to = join(step.toDir, name);
      const from = join(step.fromDir, name);
      const manifest = await system.fs.readTextIfExists(to);
      const edited = await system.fs.readText(from);
      if (manifest === edited) continue;
      if (manifest !== undefined)
        await waitUntilEnded(system, {
          path: from,
          manifest,
          except: edited,
          onWait,
          signal: context.signal,
        });
      await copy(system, { from, to });
    }
    return undefined;
  },
};

/** A manifest that is there, edited perhaps meanwhile, counts more than its copy. */
export const restoreManifestsHandler: StepHandler<"restore-manifests"> = {
  observe: async (system, { step }) => ((await system.fs.stat(step.fromDir)) === undefined ? DONE : ABSENT),
  apply: async (system, { step }) => {
    const there = new Set(await listManifests(system, step.toDir));
    for (const name of await listManifests(system, step.fromDir)) {
      const from = join(step.fromDir, name);
      if (!there.has(name)) await copy(system, { from, to: join(step.toDir, name) });
      await system.fs.removeFile(from);
    }
    await system.fs.removeEmptyDir(step.fromDir);
    return undefined;
  },
};

/** Raises SLIPWAY_WAIT_TIMEOUT when its processes do not end. */
export const removeManifestHandler: StepHandler<"remove-manifest"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    const manifest = await system.fs.readTextIfExists(step.copyPath);
    if (manifest === undefined) return "unchanged";
    const onWait = (detail: string): void => context.onWait(step, detail);
    await removeManifest(system, { ...step, manifest, onWait, signal: context.signal });
    return undefined;
  },
};

async function listManifests(system: System, dir: string): Promise<readonly string[]> {
  if ((await system.fs.stat(dir)) === undefined) return [];
  return (await system.fs.list(dir)).filter((name) => /^[^.].*\.yaml$/.test(name));
}

async function copy(
  system: System,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  await system.fs.writeAtomic(to, { data: await system.fs.readText(from), mode: MANIFEST_MODE });
}
