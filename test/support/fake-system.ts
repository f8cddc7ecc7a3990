import type { Exec, RunOptions, RunResult } from "../../src/system/exec.ts";
import { createFileSystem, type FileSystem } from "../../src/system/file-system.ts";
import type { Host } from "../../src/system/host.ts";
import type { Log, LogFields, LogLevel } from "../../src/system/log.ts";
import { createNet, type Net } from "../../src/system/net.ts";
import type { Random } from "../../src/system/random.ts";
import type { System } from "../../src/system/system.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";
import { createRootedFileSystem } from "./rooted-file-system.ts";

/** One line that was logged. */
export interface LoggedEvent {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** A System for tests, with what happened in it. */
export interface FakeSystem extends System {
  readonly clock: FakeClock;
  /** Programs that were run, in order. */
  readonly runs: readonly RunOptions[];
  readonly logged: readonly LoggedEvent[];
}

/**
 * Real files (all below `rootDir` when it is given, as if it were `/`); all else is fake: time stands still, chance
 * counts up, no program is found, nothing listens and every port is free. Each part can be replaced.
 */
export function createFakeSystem(
  options: {
    readonly rootDir?: string;
    readonly fs?: Partial<FileSystem>;
    readonly host?: Partial<Host>;
    readonly net?: Partial<Net>;
    readonly clock?: FakeClock;
    readonly random?: Random;
    /** How a program ends; undefined parts are those of a program that ends well and says nothing. */
    readonly run?: (options: RunOptions) => Partial<RunResult> | Promise<Partial<RunResult>>;
    readonly spawnDetached?: Exec["spawnDetached"];
  } = {},
): FakeSystem {
  const runs: RunOptions[] = [];
  const logged: LoggedEvent[] = [];
  const files = options.rootDir === undefined ? createFileSystem() : createRootedFileSystem(options.rootDir);
  return {
    fs: { ...files, ...options.fs },
    exec: {
      run: async (program) => {
        runs.push(program);
        return { ...ENDED_WELL, ...(options.run === undefined ? NOT_FOUND : await options.run(program)) };
      },
      spawnDetached: options.spawnDetached ?? (() => Promise.reject(systemError("ENOENT"))),
      spawnPiped: () => Promise.reject(systemError("ENOENT")),
    },
    clock: options.clock ?? createFakeClock(),
    net: { ...createSilentNet(), ...options.net },
    random: options.random ?? createCountingRandom(),
    host: { ...FAKE_HOST, ...options.host },
    log: createRecordingLog(logged),
    runs,
    logged,
  };
}

/** An Error with a `code`, as Node's own system errors have. */
export function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

const ENDED_WELL: RunResult = {
  exitCode: 0,
  signal: undefined,
  stdout: "",
  stderr: "",
  timedOut: false,
  startError: undefined,
};

const NOT_FOUND = { exitCode: undefined, startError: "ENOENT" } as const;

const FAKE_HOST: Host = {
  pid: 4242,
  startedAtMs: Date.UTC(2026, 10, 22, 17),
  uid: 0,
  gid: 0,
  env: { PATH: "/usr/bin:/bin" },
  architecture: "amd64",
  execPath: process.execPath,
  workingDir: () => "/",
  hostName: () => "node-1",
  kernelRelease: () => "6.1.0",
  cpuCount: () => 4,
  totalMemoryBytes: () => 8 * 1024 ** 3,
  freeMemoryBytes: () => 4 * 1024 ** 3,
  addresses: () => [
    { interfaceName: "lo", address: "127.0.0.1", family: "IPv4", prefixLength: 8, internal: true },
    { interfaceName: "eth0", address: "192.0.2.10", family: "IPv4", prefixLength: 24, internal: false },
  ],
  kill: () => false,
  releaseMemory: () => Promise.resolve(),
  residentBytes: () => 0,
};

function createSilentNet(): Net {
  return {
    request: () => Promise.reject(systemError("ECONNREFUSED")),
    open: () => Promise.reject(systemError("ECONNREFUSED")),
    // An agent by itself opens nothing.
    createAgent: (agent) => createNet().createAgent(agent),
    probeListen: () => Promise.resolve(undefined),
    probeConnect: () => Promise.reject(systemError("ECONNREFUSED")),
    callHttp2: () => Promise.reject(systemError("ECONNREFUSED")),
    claimName: () => Promise.resolve({ kind: "held", release: () => Promise.resolve() }),
    resolveName: () => Promise.resolve([]),
  };
}

function createCountingRandom(): Random {
  let count = 0;
  const next = (): number => {
    count += 1;
    return count;
  };
  const hex = (bytes: number): string =>
    next()
      .toString(16)
      .padStart(bytes * 2, "0");
  return {
    bytes: (bytes) => Buffer.from(hex(bytes), "hex"),
    uuid: () => `00000000-0000-4000-8000-${hex(6)}`,
    hex,
    fraction: () => 0.5,
  };
}

function createRecordingLog(logged: LoggedEvent[]): Log {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      logged.push({ level, message, fields });
    };
  return { error: at("error"), warn: at("warn"), info: at("info"), debug: at("debug") };
}
