import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type LogRequest, readContainerLog } from "../../../src/control/read-container-log.ts";
import { createClock } from "../../../src/system/clock.ts";
import { createFileSystem } from "../../../src/system/file-system.ts";

const system = { fs: createFileSystem(), clock: createClock() };
const TIME = "2026-11-22T17:00:00.000000000Z";
let dir: string;
let path: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "slipway-log-"));
  path = join(dir, "0.log");
});

afterEach(() => rm(dir, { recursive: true }));

const line = (text: string, tag = "F", time = TIME) => `${time} stdout ${tag} ${text}\n`;
const lines = (...texts: string[]) => texts.map((text) => line(text)).join("");

async function read(request: Omit<LogRequest, "path" | "write">): Promise<string> {
  const chunks: Buffer[] = [];
  await readContainerLog(system, {
    ...request,
    path,
    write: (chunk) => void chunks.push(Buffer.from(chunk)),
  });
  return Buffer.concat(chunks).toString();
}

/** A follower of the log, until the container ends. */
function follow() {
  let output = "";
  let ended = false;
  const write = (chunk: Buffer) => {
    output += chunk.toString();
  };
  const done = readContainerLog(system, { path, follow: true, hasEnded: () => ended, write });
  return {
    until: (text: string) => vi.waitFor(() => expect(output).toContain(text), { interval: 10 }),
    end: async () => {
      ended = true;
      await done;
      return output;
    },
  };
}

test("a whole log is printed as the container wrote it", async () => {
  await writeFile(path, lines("one", "", "two words"));
  expect(await read({})).toBe("one\n\ntwo words\n");
});

test("the parts of a long line are put together, even when a character was cut", async () => {
  const [head, tail] = [Buffer.from("ä").subarray(0, 1), Buffer.from("ä").subarray(1)];
  const first = Buffer.concat([Buffer.from(`${TIME} stdout P `), head, Buffer.from("\n")]);
  const last = Buffer.concat([Buffer.from(`${TIME} stdout F `), tail, Buffer.from("\n")]);
  await writeFile(path, Buffer.concat([first, last]));
  expect(await read({})).toBe("ä\n");
});

test("times are shown once a line", async () => {
  await writeFile(path, line("a", "P") + line("b"));
  expect(await read({ timestamps: true })).toBe(`${TIME} ab\n`);
});

test("a tail counts a line in parts once", async () => {
  await writeFile(path, lines("one") + line("tw", "P") + line("o") + lines("three"));
  expect(await read({ tailLines: 2 })).toBe("two\nthree\n");
});

test("a tail of a large file is its last lines", async () => {
  const texts = Array.from({ length: 5000 }, (_, index) => `line ${index} ${"x".repeat(40)}`);
  await writeFile(path, lines(...texts));
  expect(await read({ tailLines: 2000 })).toBe(`${texts.slice(-2000).join("\n")}\n`);
});

test("a tail line that is longer than a chunk is found whole", async () => {
  const parts = Array.from({ length: 20 }, () => line("x".repeat(16_384), "P")).join("");
  await writeFile(path, lines("first") + parts + lines("end"));
  expect(await read({ tailLines: 1 })).toBe(`${"x".repeat(20 * 16_384)}end\n`);
});

test("a tail of nothing prints nothing", async () => {
  await writeFile(path, lines("one"));
  expect(await read({ tailLines: 0 })).toBe("");
});

test("a tail reaches back into rotated files, packed ones too", async () => {
  await writeFile(`${path}.20261121-100000.gz`, gzipSync(lines("a", "b")));
  await writeFile(`${path}.20261122-100000`, lines("c"));
  await writeFile(path, lines("d"));
  expect(await read({ tailLines: 3 })).toBe("b\nc\nd\n");
});

test("lines before a time are left out", async () => {
  await writeFile(path, line("old", "F", "2026-11-22T16:59:59.9Z") + line("new"));
  expect(await read({ sinceMs: Date.parse(TIME) })).toBe("new\n");
});

test("the output ends at the byte limit", async () => {
  await writeFile(path, lines("one", "two"));
  expect(await read({ limitBytes: 5 })).toBe("one\nt");
});

test("following goes on over a rotation and ends with the container", async () => {
  await writeFile(path, lines("one"));
  const follower = follow();
  await appendFile(path, lines("two"));
  await rename(path, `${path}.20261122-170000`);
  await writeFile(path, lines("three"));
  await follower.until("three");
  expect(await follower.end()).toBe("one\ntwo\nthree\n");
});

test("following misses no file of several rotations between two looks", async () => {
  await writeFile(path, lines("one"));
  const follower = follow();
  await follower.until("one");
  for (const [stamp, text] of [
    ["20261122-170000", "two"],
    ["20261122-170001", "three"],
  ] as const) {
    await rename(path, `${path}.${stamp}`);
    await writeFile(path, lines(text));
  }
  await writeFile(`${path}.20261122-165959.gz`, gzipSync(lines("long ago")));
  await follower.until("three");
  expect(await follower.end()).toBe("one\ntwo\nthree\n");
});

test("following goes on when the file was removed, cut to nothing, or is not there yet", async () => {
  const follower = follow();
  await writeFile(path, lines("one"));
  await follower.until("one");
  await rm(path);
  await writeFile(path, lines("two", "more"));
  await follower.until("more");
  await truncate(path);
  await appendFile(path, lines("3"));
  await follower.until("3");
  expect(await follower.end()).toBe("one\ntwo\nmore\n3\n");
});

test("what is newer than a time is taken from rotated files too", async () => {
  await writeFile(`${path}.20261122-165900`, lines("rotated before"));
  await writeFile(
    `${path}.20261122-170000.gz`,
    gzipSync(line("old", "F", "2026-11-22T16:59:59.9Z") + line("a")),
  );
  await writeFile(path, lines("b"));
  expect(await read({ sinceMs: Date.parse(TIME) })).toBe("a\nb\n");
});

test("what the other stream says inside a line comes behind it, at the end of the log too", async () => {
  const error = line("oops").replace("stdout", "stderr");
  await writeFile(path, line("a", "P") + error + line("b") + line("c", "P") + error);
  expect(await read({})).toBe("ab\noops\nc\noops\n");
});

test("the rest that is not in the file yet is printed behind it", async () => {
  await writeFile(path, lines("one"));
  async function* rest() {
    yield Buffer.from(lines("two"));
  }
  expect(await read({ rest: rest() })).toBe("one\ntwo\n");
});

test("following ends when it is aborted", async () => {
  await writeFile(path, lines("one"));
  const aborted = new AbortController();
  setTimeout(() => aborted.abort(), 30);
  expect(await read({ follow: true, signal: aborted.signal })).toBe("one\n");
});

test("a log that is not there rejects with the system error", async () => {
  await expect(read({})).rejects.toMatchObject({ code: "ENOENT" });
});
