import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const HOME = resolve(import.meta.dirname, "../..");
const COPIED = ["bin", "src", "templates", "esbuild.config.mjs", "package.json", "tsconfig.json"];

/**
 * Builds the program once, as it is now, in a directory of its own that any user can read: an edit or a build in the
 * clone meanwhile does not disturb the tests. Projects that run together share it. Its `bin/slipway` is that of an installed package, which has no sources.
 */
export async function setup(): Promise<() => Promise<void>> {
  if (process.env["SLIPWAY_TEST_HOME"] !== undefined) return async () => undefined;
  const dir = await mkdtemp(join(tmpdir(), "slipway-program-"));
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true });
  try {
    await build(dir);
  } catch (error) {
    await remove();
    throw error;
  }
  process.env["SLIPWAY_TEST_HOME"] = dir;
  return remove;
}

async function build(dir: string): Promise<void> {
  await chmod(dir, 0o755);
  for (const name of COPIED) await cp(join(HOME, name), join(dir, name), { recursive: true });
  await linkPackages(dir);
  await promisify(execFile)(process.execPath, ["esbuild.config.mjs"], { cwd: dir });
  await rm(join(dir, "src"), { recursive: true });
  await rm(join(dir, "node_modules"), { recursive: true });
}

/** One link a package, never one to node_modules itself: `npm ci` would empty the clone's through it. */
async function linkPackages(dir: string): Promise<void> {
  await mkdir(join(dir, "node_modules"));
  for (const name of await readdir(join(HOME, "node_modules"))) {
    if (!name.startsWith("."))
      await symlink(join(HOME, "node_modules", name), join(dir, "node_modules", name));
  }
}
