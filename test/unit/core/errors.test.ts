import { expect, test } from "vitest";
import { ERROR_CODES } from "../../../src/core/error-codes.ts";
import {
  describeFileError,
  describeStrayError,
  findFullDir,
  messageIn,
  messageOf,
  SlipwayError,
  systemErrorCode,
  tellsOfNoProcess,
} from "../../../src/core/errors.ts";

const ATTEMPT = { action: "write", path: "/etc/x" };

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: words of Node`), { code });
}

test("an error carries its texts, its cause and the exit code of its code", () => {
  const cause = new Error("deep");
  const error = new SlipwayError({ code: "SLIPWAY_PREFLIGHT", what: "w", why: "y", fix: "f", cause });
  expect(error).toMatchObject({ message: "w: y", fix: "f", details: [], exitCode: 4, cause });
  expect(error).toBeInstanceOf(Error);
});

test.each([
  ["EACCES", "SLIPWAY_FILE_ACCESS", "permission denied"],
  ["ENOENT", "SLIPWAY_FILE_ACCESS", "its directory does not exist"],
  ["EROFS", "SLIPWAY_FILE_ACCESS", "the file system is read-only"],
  ["ENOSPC", "SLIPWAY_NO_SPACE", "no space is left on the device"],
  ["EDQUOT", "SLIPWAY_NO_SPACE", "the disk quota is used up"],
  ["EBADMSG", "SLIPWAY_FILE_ACCESS", "EBADMSG: words of Node"],
])("%s is told as %s", (code, expected, why) => {
  const cause = systemError(code);
  expect(describeFileError(cause, ATTEMPT)).toMatchObject({
    code: expected,
    what: "cannot write /etc/x",
    why,
    cause,
  });
});

test("of a full disk the directory is told, and found again in a longer sentence", () => {
  const opened = Object.assign(systemError("ENOSPC"), { path: "/a/b/.new" });
  expect(messageIn(opened, "/d")).toBe("no space is left on the device at /a/b");
  const written = `cannot start: ${messageIn(systemError("EDQUOT"), "/d e")}`;
  expect(written).toBe("cannot start: the disk quota is used up at /d e");
  expect(findFullDir(written)).toBe("/d e");
  expect(findFullDir(messageIn(systemError("EACCES"), "/d"))).toBeUndefined();
});

test("of a process that may not be started the limit is told, in place of a system's word", () => {
  const refused = Object.assign(new Error("spawn /bin/sh EAGAIN"), { code: "EAGAIN" });
  expect(messageIn(refused, "/d")).toBe("no more processes and threads may be started");
  expect(tellsOfNoProcess(`cannot start: ${messageIn(refused, "/d")}`)).toBe(true);
  expect(tellsOfNoProcess(messageIn(systemError("EAGAIN"), "/d"))).toBe(false);
});

test("a full disk is fixed by making room", () => {
  expect(describeFileError(systemError("ENOSPC"), ATTEMPT)).toMatchObject({
    fix: expect.stringContaining("df -h /etc/x"),
  });
});

test.each([
  ["an error of ours", new SlipwayError({ code: "SLIPWAY_USAGE", what: "w", why: "y", fix: "f" })],
  ["an error without a code", new Error("bug")],
  ["an error of Node's own arguments check", systemError("ERR_INVALID_ARG_TYPE")],
  ["an abort", systemError("ABORT_ERR")],
  ["a text", "thrown"],
])("%s is no file error and stays as it is", (_name, error) => {
  expect(describeFileError(error, ATTEMPT)).toBe(error);
});

test.each(["EACCES", "ENOTDIR", "EROFS", "EIO", "ENOSPC"])(
  "%s of a path is of the machine wherever it comes out",
  (code) => {
    const error = Object.assign(systemError(code), { path: "/r/x" });
    expect(describeStrayError(error)).toMatchObject({ what: "cannot use /r/x", cause: error });
    expect(describeStrayError(systemError(code))).toMatchObject({ message: `${code}: words of Node` });
  },
);

test("a file that is not there where one is expected is a bug", () => {
  const error = Object.assign(systemError("ENOENT"), { path: "/r/x" });
  expect(describeStrayError(error)).toBe(error);
});

test("only a text counts as a system error's code", () => {
  expect(systemErrorCode(systemError("ENOENT"))).toBe("ENOENT");
  expect(systemErrorCode(Object.assign(new Error(), { code: 20 }))).toBeUndefined();
  expect(systemErrorCode({ code: "ENOENT" })).toBeUndefined();
  expect(systemErrorCode(undefined)).toBeUndefined();
});

test("anything that is thrown has a message", () => {
  expect(messageOf(new Error("m"))).toBe("m");
  expect(messageOf("text")).toBe("text");
  expect(messageOf(undefined)).toBe("undefined");
});

test("exit codes are those that the command line promises", () => {
  const allowed: readonly number[] = [1, 2, 3, 4, 5, 130];
  const others = Object.entries(ERROR_CODES).filter(([, { exitCode }]) => !allowed.includes(exitCode));
  expect(others).toEqual([]);
});
