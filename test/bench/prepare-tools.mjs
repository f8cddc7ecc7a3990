import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleTypeScript, HOME } from "./load-typescript.mjs";
import { runCommand } from "./run-command.mjs";

/**
 * What every benchmark works with: a directory for its files, Slipway as a program, and control planes that are taken
 * away at the end. The components must be in the cache, so that nothing is downloaded or built while a clock runs.
 */
export async function prepareTools({ cleanUp, quick }) {
  const dir = await mkdtemp(join(tmpdir(), "slipway-bench-"));
  cleanUp.add(() => rm(dir, { recursive: true, force: true }));
  const outfile = join(dir, "plane.mjs");
  const modules = ["plane.ts", "cold-start.ts", "damage-state.ts", "soak/random.ts", "soak/run-soak.ts"].map(
    (name) => `test/support/${name}`,
  );
  await bundleTypeScript({ modules, outfile, dirname: "test/support" });
  const { preparePlane, ...support } = await import(outfile);
  const program = join(HOME, "bin/slipway");
  const slipway = (...args) => runCommand({ cleanUp }, { argv: [program, ...args] });
  const programs = await findPrograms(slipway);
  return {
    cleanUp,
    quick,
    dir,
    slipway,
    programs,
    openPlane: () => openPlane({ cleanUp, preparePlane }),
    ...support,
  };
}

/** A plane that is not there yet, with `close` to undo whatever was made of it. */
async function openPlane({ cleanUp, preparePlane }) {
  cleanUp.signal.throwIfAborted();
  const plane = await preparePlane();
  return { ...plane, close: cleanUp.add(() => plane.destroy()) };
}

/** Name to path of the four binaries. */
async function findPrograms(slipway) {
  const { stdout } = await slipway("components", "list", "-o", "json");
  const found = JSON.parse(stdout).components.map(({ name, component }) => [name, component?.path]);
  const missing = found.filter(([, path]) => path === undefined).map(([name]) => name);
  if (missing.length > 0)
    throw new Error(`not in the cache: ${missing.join(", ")}; run bin/slipway components fetch`);
  return Object.fromEntries(found);
}
