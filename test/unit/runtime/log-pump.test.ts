import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { hasPendingOutput, startLogPump } from "../../../src/runtime/logs/log-pump.ts";
import type { LogPumpOptions } from "../../../src/runtime/logs/move-output.ts";
import { SPOOL_CAP_BYTES } from "../../../src/runtime/logs/plan-skip.ts";
import { createFileSystem, type FileSystem } from "../../../src/system/file-system.ts";
import type { System } from "../../../src/system/system.ts";
import { createFakeSystem, systemError } from "../../support/fake-system.ts";

let dir: string;
let options: LogPumpOptions;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-pump-"));
  mkdirSync(join(dir, "spool"));
  for (const stream of ["stdout", "stderr"]) writeFileSync(join(dir, "spool", stream), "");
  options = {
    spoolDir: join(dir, "spool"),
    statePath: join(dir, "log.json"),
    logPath: join(dir, "logs/0.log"),
    limits: { maxSizeBytes: 0, maxFiles: 5 },
  };
});
afterEach(() => rmSync(dir, { recursive: true }));

test("what is in the spools comes into the log once, however often it is drained", async () => {
  appendFileSync(join(dir, "spool/stdout"), "one\ntwo\n");
  await drainLog(createFakeSystem(), options);
  await drainLog(createFakeSystem(), options);
  expect(messages()).toEqual(["one", "two"]);
});

test("lines that were written but not committed are written once", async () => {
  appendFileSync(join(dir, "spool/stdout"), "one\n");
  await drainLog(createFakeSystem(), options);
  appendFileSync(join(dir, "spool/stdout"), "two\n");
  appendFileSync(options.logPath, "2026-11-22T17:00:00.000000000Z stdout F two\n2026-11-22T17:");
  await drainLog(createFakeSystem(), options);
  expect(messages()).toEqual(["one", "two"]);
});

test("a rotation that was cut off before it was committed loses and doubles nothing", async () => {
  appendFileSync(join(dir, "spool/stdout"), "one\n");
  await drainLog(createFakeSystem(), options);
  rmSync(options.logPath);
  appendFileSync(join(dir, "spool/stdout"), "two\n");
  await drainLog(createFakeSystem(), options);
  expect(messages()).toEqual(["two"]);
});

test("wherever the pump is cut off, each line is in the log exactly once in the end", async () => {
  const step = fc.record({ lines: fc.nat({ max: 5 }), cutAfterWrites: fc.nat({ max: 4 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      rmSync(join(dir, "logs"), { recursive: true, force: true });
      rmSync(options.statePath, { force: true });
      writeFileSync(join(dir, "spool/stdout"), "");
      let count = 0;
      for (const { lines, cutAfterWrites } of steps) {
        for (let index = 0; index < lines; index += 1) {
          count += 1;
          appendFileSync(join(dir, "spool/stdout"), `line ${count}\n`);
        }
        await drainUntilCut(cutAfterWrites);
      }
      await drainLog(createFakeSystem(), options);
      expect(messages()).toEqual(Array.from({ length: count }, (_, index) => `line ${index + 1}`));
    }),
    { numRuns: 60 },
  );
});

test("a log that cannot be written is tried again, no line is lost, and one line tells of it", async () => {
  let failures = 2;
  const real = createFileSystem();
  const open: FileSystem["open"] = (path, how) => {
    if (path !== options.logPath || failures === 0) return real.open(path, how);
    failures -= 1;
    return Promise.reject(systemError("ENOSPC"));
  };
  appendFileSync(join(dir, "spool/stderr"), "kept");
  const system = createFakeSystem({ fs: { open } });
  let drained = false;
  void drainLog(system, options).then(() => {
    drained = true;
  });
  while (!drained) await system.clock.advance(1_000);
  expect(messages()).toEqual(["kept"]);
  expect(system.logged.map(({ level }) => level)).toEqual(["warn"]);
});

test("on a disk that stays full a pump that is to finish gives up within seconds, and says so once", async () => {
  appendFileSync(join(dir, "spool/stderr"), "lost");
  const system = createFakeSystem({ fs: { writeAtomic: () => Promise.reject(systemError("ENOSPC")) } });
  let drained = false;
  void drainLog(system, options).then(() => {
    drained = true;
  });
  await vi.waitFor(async () => {
    await system.clock.advance(1_000);
    expect(drained).toBe(true);
  });
  expect(system.clock.monotonicMs()).toBeLessThan(60_000);
  expect(system.logged.map(({ message }) => message)).toEqual([
    "cannot write a container's log",
    "the last of a container's output did not come into its log",
  ]);
});

test("a state that a power failure spoilt cuts nothing off the log and reads nothing again", async () => {
  appendFileSync(join(dir, "spool/stdout"), "one\n");
  await drainLog(createFakeSystem(), options);
  writeFileSync(options.statePath, "");
  await drainLog(createFakeSystem(), options);
  expect(messages()).toEqual(["one"]);
});

test("what comes after the container has cut its own output is not passed over", async () => {
  const spool = join(dir, "spool/stdout");
  appendFileSync(spool, "a long line at first\n");
  const system = createFakeSystem();
  const pump = startLogPump(system, options);
  const pumped = async () => {
    await system.clock.advance(100);
    return messages();
  };
  await expect.poll(pumped).toEqual(["a long line at first"]);
  writeFileSync(spool, "cut\n");
  await expect.poll(pumped).toEqual(["a long line at first", "cut"]);
  appendFileSync(spool, "more\n");
  await pump.finish();
  expect(messages()).toEqual(["a long line at first", "cut", "more"]);
});

test("a log that was removed or moved away under the pump is begun anew", async () => {
  const pump = startLogPump(createFakeSystem(), options);
  appendFileSync(join(dir, "spool/stdout"), "one\n");
  await vi.waitFor(() => expect(messages()).toEqual(["one"]));
  rmSync(join(dir, "logs"), { recursive: true });
  appendFileSync(join(dir, "spool/stdout"), "two\n");
  await pump.finish();
  expect(messages()).toEqual(["two"]);
});

test("the log of an earlier pod of the same name is gone on with, not cut", async () => {
  mkdirSync(join(dir, "logs"));
  writeFileSync(options.logPath, "2026-11-22T17:00:00.000000000Z stdout F earlier\n");
  appendFileSync(join(dir, "spool/stdout"), "later\n");
  await drainLog(createFakeSystem(), options);
  expect(messages()).toEqual(["earlier", "later"]);
});

test("what a killed compression left is removed when the log is taken up again", async () => {
  mkdirSync(join(dir, "logs"));
  for (const name of ["20260101-000001", "20260101-000001.gz", "20260101-000002", "20260101-000002.gz.tmp"])
    writeFileSync(`${options.logPath}.${name}`, "");
  await startLogPump(createFakeSystem(), options).finish();
  expect(readdirSync(join(dir, "logs"))).toEqual([
    "0.log",
    "0.log.20260101-000001.gz",
    "0.log.20260101-000002",
  ]);
});

test("a spool that is over its cap is jumped over, to a line's beginning, and a line says how much", async () => {
  const limits = { maxSizeBytes: 1000, maxFiles: 5 };
  const spool = join(dir, "spool/stderr");
  truncateSync(spool, SPOOL_CAP_BYTES);
  appendFileSync(spool, "\n");
  appendFileSync(spool, Array.from({ length: 2000 }, (_, index) => `line ${index + 1}\n`).join(""));
  await drainLog(createFakeSystem(), { ...options, limits });
  const [first = "", second = ""] = messages();
  const keptBytes =
    statSync(spool).size - Number(/^slipway: (\d+) bytes of output are left out/.exec(first)?.[1]);
  expect(keptBytes).toBeLessThanOrEqual(5000);
  expect(readTail(spool, keptBytes).toString().split("\n")[0]).toBe(second);
  expect(messages().at(-1)).toBe("line 2000");
});

async function drainLog(system: System, pumped: LogPumpOptions): Promise<void> {
  if (await hasPendingOutput(system, pumped)) await startLogPump(system, pumped).finish();
}

/** Ends like a killed process: from the n-th commit on nothing more happens, and nobody tidies up. */
async function drainUntilCut(commits: number): Promise<void> {
  const real = createFileSystem();
  let left = commits;
  const handles: FileHandle[] = [];
  const open: FileSystem["open"] = async (path, how) => {
    const handle = await real.open(path, how);
    handles.push(handle);
    return handle;
  };
  await new Promise<void>((resolve) => {
    const writeAtomic: FileSystem["writeAtomic"] = (path, file) => {
      left -= 1;
      if (left >= 0) return real.writeAtomic(path, file);
      resolve();
      return new Promise(() => undefined);
    };
    void drainLog(createFakeSystem({ fs: { writeAtomic, open } }), options).then(resolve);
  });
  for (const handle of handles) await handle.close();
}

function messages(): readonly string[] {
  if (!existsSync(options.logPath)) return [];
  return [...readFileSync(options.logPath, "utf8").matchAll(/^\S+ std\w+ F (.*)$/gm)].map(
    (match) => match[1] ?? "",
  );
}

function readTail(path: string, bytes: number): Buffer {
  const file = openSync(path, "r");
  const buffer = Buffer.alloc(bytes);
  readSync(file, buffer, 0, bytes, statSync(path).size - bytes);
  closeSync(file);
  return buffer;
}
