import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isImageName, resolveCommand } from "../../../src/runtime/resolve-command.ts";
import { createFakeSystem } from "../../support/fake-system.ts";

const API_SERVER = "registry.k8s.io/kube-apiserver:v1.37.2";
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-resolve-"));
  addProgram("/cache/v1.37.2/kube-apiserver");
  addProgram("/usr/bin/tool");
});
afterEach(() => rmSync(dir, { recursive: true }));

test.each([[["kube-apiserver"]], [["/usr/local/bin/kube-apiserver"]], [[]]])(
  "a component's image runs its binary for the command %j",
  async (command) => {
    expect(await resolve(API_SERVER, command)).toMatchObject({
      kind: "found",
      program: "/cache/v1.37.2/kube-apiserver",
    });
  },
);

test("another command of a component's image runs from this machine", async () => {
  expect(await resolve(API_SERVER, ["tool"])).toMatchObject({ program: "/usr/bin/tool" });
});

test.each([["tool"], ["/usr/bin/tool"]])(
  "any other image runs the command %s of this machine",
  async (word) => {
    expect(await resolve("example.org/tool:1", [word])).toMatchObject({ program: "/usr/bin/tool" });
  },
);

test.each([[[]], [["missing"]], [["./tool"]], [["/usr/bin"]], [["/cache/plain"]]])(
  "the command %j that this machine does not have is an image that cannot be pulled",
  async (command) => {
    writeFileSync(join(dir, "cache/plain"), "not executable");
    const result = await resolve("example.org/tool:1", command);
    expect(result).toMatchObject({ kind: "absent", reason: "ErrImagePull" });
    expect(result).toMatchObject({ message: expect.stringContaining("example.org/tool:1") });
    expect(result).toMatchObject({ message: expect.stringContaining("containerd") });
  },
);

test("a located binary that has gone is told with its path", async () => {
  rmSync(join(dir, "cache/v1.37.2/kube-apiserver"));
  expect(await resolve(API_SERVER, ["kube-apiserver"])).toMatchObject({
    kind: "absent",
    message: expect.stringContaining("/cache/v1.37.2/kube-apiserver"),
  });
});

test("the image id is a digest that changes with the program", async () => {
  const before = await resolve("tool", ["tool"]);
  utimesSync(join(dir, "usr/bin/tool"), 1, 1);
  const after = await resolve("tool", ["tool"]);
  expect(before).toMatchObject({ imageId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
  expect(after).not.toEqual(before);
});

test("an image name follows the reference grammar", async () => {
  const digest = `sha256:${"a".repeat(64)}`;
  for (const name of [
    "a",
    "a/b:1",
    "host:5000/a/b",
    API_SERVER,
    `a@${digest}`,
    `a:1@${digest}`,
    "[::1]:5000/a",
  ]) {
    expect([name, isImageName(name)]).toEqual([name, true]);
  }
  for (const name of ["", "A", "a b", "a:", "a:b:c", "/a", "a//b", "a@sha256:12", "-a"]) {
    expect([name, isImageName(name)]).toEqual([name, false]);
  }
  expect(await resolve("Bad Name", ["tool"])).toMatchObject({ reason: "InvalidImageName" });
});

function resolve(image: string, command: readonly string[]) {
  const locateImage = (name: string) =>
    Promise.resolve(name === API_SERVER ? "/cache/v1.37.2/kube-apiserver" : undefined);
  return resolveCommand(createFakeSystem({ rootDir: dir }), { image, command, locateImage });
}

function addProgram(path: string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), "#!/bin/sh\n");
  chmodSync(join(dir, path), 0o755);
}
