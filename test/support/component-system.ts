import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createFileSystem, type FileSystem } from "../../src/system/file-system.ts";
import { createNet } from "../../src/system/net.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";
import { createFakeSystem, type FakeSystem } from "./fake-system.ts";

/** A machine with a cache directory and a home of its own, both empty. */
export interface ComponentMachine {
  readonly system: FakeSystem;
  readonly dir: string;
  readonly cacheDir: string;
  remove(): Promise<void>;
}

/**
 * A fake system whose cache, HOME and PATH lie in a new directory, and to which this machine's cache is not there.
 * `env` adds to or replaces those.
 */
export async function createComponentMachine(
  options: NonNullable<Parameters<typeof createFakeSystem>[0]> & {
    readonly env?: Readonly<Record<string, string | undefined>>;
  } = {},
): Promise<ComponentMachine> {
  const dir = await mkdtemp(join(tmpdir(), "slipway-components-"));
  const cacheDir = join(dir, "cache");
  const { env, host, ...rest } = options;
  const system = createFakeSystem({
    ...rest,
    fs: { ...hideMachineCache(), ...rest.fs },
    host: {
      pid: process.pid,
      uid: process.getuid?.() ?? 0,
      ...host,
      env: { PATH: join(dir, "bin"), HOME: join(dir, "home"), SLIPWAY_CACHE_DIR: cacheDir, ...env },
    },
  });
  return { system, dir, cacheDir, remove: () => rm(dir, { recursive: true, force: true }) };
}

function hideMachineCache(): Partial<FileSystem> {
  const real = createFileSystem();
  const hidden = (path: string): boolean => path.startsWith("/var/cache/slipway");
  return {
    readTextIfExists: async (path) => (hidden(path) ? undefined : real.readTextIfExists(path)),
    stat: async (path) => (hidden(path) ? undefined : real.stat(path)),
    lstat: async (path) => (hidden(path) ? undefined : real.lstat(path)),
    list: async (path) => (hidden(path) ? [] : real.list(path)),
  };
}

/** Writes a file that may be run, with its directories. */
export async function writeProgram(path: string, text = "a program"): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await chmod(path, 0o755);
  return path;
}

/** The real network under a clock that a test moves, but for a retry, which comes at once. */
export function createHastyNetwork(): {
  readonly net: ReturnType<typeof createNet>;
  readonly clock: FakeClock;
} {
  return { net: createNet(), clock: { ...createFakeClock(), sleep: () => Promise.resolve() } };
}
