import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { buildSync } from "esbuild";
import type { RuntimeFixture } from "./runtime-fixture.ts";

/** Bundles `runtime-process.ts` into the fixture's directory, for Node runs no TypeScript. */
export function buildRuntimeProcess(fixture: RuntimeFixture): string {
  const bundle = join(fixture.dir, "runtime-process.mjs");
  buildSync({
    entryPoints: [join(import.meta.dirname, "runtime-process.ts")],
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    // As esbuild.config.mjs: packages of CommonJS call require().
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
  return bundle;
}

/** A runner over the fixture's directory with logs small enough to be rotated on the way. */
export async function startRuntimeProcess(
  bundle: string,
  { containersDir }: RuntimeFixture,
): Promise<ChildProcess> {
  const child = spawn(process.execPath, [bundle, containersDir, "50000"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await nextOutput(child);
  return child;
}

/** Resolves when the process says something. */
export function nextOutput(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.stdout?.once("data", resolve));
}
