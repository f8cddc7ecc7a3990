import { expect, test } from "vitest";
import { complete } from "../../../src/cli/completion/complete.ts";
import { buildWholeProgram } from "../../support/command-lines.ts";

const PROGRAM = buildWholeProgram();

/** What can follow; a machine is not there. */
async function words(line: string): Promise<readonly string[]> {
  const { candidates, files } = await complete(PROGRAM, {
    words: line.split(" ").slice(1),
    openSystem: () => Promise.reject(new Error("no machine")),
  });
  return files === undefined ? candidates.map(({ word }) => word) : [`:${files}`];
}

test.each([
  ["slipway ", ["init", "reset", "status", "help"]],
  ["slipway help runner ", ["run", "start", "boot-script"]],
  ["slipway init phase certs ", ["all", "apiserver", "sa"]],
  ["slipway certificates ", ["check-expiration", "renew"]],
  ["slipway completion ", ["bash", "zsh", "fish"]],
  ["slipway certs renew ", ["all", "apiserver", "etcd-server", "admin.conf"]],
  ["slipway components fetch etcd ", ["kubectl"]],
  ["slipway init --runtime ", ["host", "external"]],
  ["slipway init --runtime=", ["--runtime=host", "--runtime=external"]],
  ["slipway init --kubernetes-version ", ["v1.37.2"]],
  ["slipway init --skip-phases addon,", ["addon,certs", "addon,certs/sa"]],
  ["slipway init --ignore-preflight-errors ", ["all", "NumCPU"]],
  ["slipway init ", ["phase", "--config"]],
  ["slipway reset --force -", ["--dry-run", "--root", "--no-color"]],
  ["slipway init phase certs sa --", ["--config", "--dry-run", "--kubeconfig"]],
])("%j can go on with these", async (line, expected) => {
  expect(await words(line)).toEqual(expect.arrayContaining(expected));
});

test.each([
  ["slipway init --config ", ":files"],
  ["slipway manifests validate a.yaml ", ":files"],
  ["slipway ps --root ", ":dirs"],
  ["slipway init --component-dir=", ":dirs"],
])("%j can go on with what the shell knows best", async (line, expected) => {
  expect(await words(line)).toEqual([expected]);
});

test.each([
  ["slipway logs ", "a machine that cannot be asked"],
  ["slipway init --node-name ", "a value that only its user knows"],
])("%j offers nothing: %s", async (line) => {
  expect(await words(line)).toEqual([]);
});

test("a flag that was given is not offered again, but for lists; hidden ones never", async () => {
  const offered = await words("slipway init --yes --skip-phases addon --");
  expect(offered).not.toContain("--yes");
  expect(offered).toContain("--skip-phases");
  expect(await words("slipway runner run --")).not.toContain("--network-plugin");
});

test("behind -- there are only arguments", async () => {
  expect(await words("slipway manifests validate -- -")).toEqual([":files"]);
});
