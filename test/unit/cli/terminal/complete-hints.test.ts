import { expect, test } from "vitest";
import { completeHints } from "../../../../src/cli/terminal/complete-hints.ts";

const atRoot = { argv: ["status", "--root", "/tmp/x"], program: "bin/slipway" };

test("a hint names the program as it was called and the root of this command line", () => {
  expect(completeHints("slipway runner start starts it", atRoot)).toBe(
    "bin/slipway runner start --root /tmp/x starts it",
  );
  expect(
    completeHints("fix: slipway init; slipway logs etcd", { ...atRoot, argv: ["ps", "--root=/r"] }),
  ).toBe("fix: bin/slipway init --root /r; bin/slipway logs --root /r etcd");
});

test("a root, a file and a program with blanks can be copied", () => {
  const argv = ["init", "--root", "/tmp/a b", "--config", "my 'k'.yaml"];
  expect(completeHints("slipway init", { argv, program: "/opt/my bin/slipway" })).toBe(
    "'/opt/my bin/slipway' init --root '/tmp/a b' --config 'my '\\''k'\\''.yaml'",
  );
});

test("the root of the machine is not named", () => {
  expect(
    completeHints("slipway reset undoes it", { argv: ["init", "--root", "/"], program: undefined }),
  ).toBe("slipway reset undoes it");
});

test("an init is named with the configuration of this init, other commands are not", () => {
  const argv = ["init", "--config", "k.yaml", "--root=/r"];
  expect(completeHints("slipway init --plan; slipway status", { argv, program: undefined })).toBe(
    "slipway init --root /r --config k.yaml --plan; slipway status --root /r",
  );
  const reset = { argv: ["reset", "--config=r.yaml"], program: undefined };
  expect(completeHints("slipway init sets one up", reset)).toBe("slipway init sets one up");
});

test("a hint with a root or a file of its own keeps it", () => {
  expect(completeHints("slipway status --root /other", atRoot)).toBe("bin/slipway status --root /other");
  const argv = ["init", "--config", "k.yaml", "--root=/r"];
  expect(completeHints("slipway init --config FILE", { argv, program: undefined })).toBe(
    "slipway init --root /r --config FILE",
  );
});

test("what is only spoken of, a path and other words stay as they are", () => {
  for (const text of [
    "slipway init --help",
    "slipway init was not run",
    "slipway token was not run",
    "slipway runner start takes none",
    "slipway init phase certs all --help",
    "/var/lib/slipway init",
    "slipway components fetch",
    "the slipway runner",
  ])
    expect(completeHints(text, atRoot)).toBe(text);
});
