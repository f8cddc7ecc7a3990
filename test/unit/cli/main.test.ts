import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { main } from "../../../src/cli/main.ts";
import { parseYamlDocuments } from "../../../src/core/yaml.ts";
import { type CapturedOutput, captureOutput } from "../../support/capture-output.ts";
import { createTempTree } from "../../support/temp-tree.ts";

let output: CapturedOutput;

beforeEach(() => {
  output = captureOutput();
});

/** The failure that is one line of JSON on stderr. */
function jsonFailure(): unknown {
  expect(output.stderr().trimEnd().split("\n")).toHaveLength(1);
  return JSON.parse(output.stderr());
}

test.each([
  ["--help"],
  ["-h"],
  ["help"],
  ["init", "--help"],
  ["reset", "-h"],
  ["logs", "--help"],
  ["runner", "--help"],
  ["runner", "start", "--help"],
  ["components", "fetch", "--help"],
  ["help", "runner", "start"],
  ["runner", "help", "start"],
  ["init", "help"],
])("help is an answer: slipway %s %s %s", async (...argv) => {
  expect(await main(argv.filter((word) => word !== undefined))).toBe(0);
  expect(output.stdout()).toContain("Usage: slipway");
  expect(output.stderr()).toBe("");
});

test("the help of the program begins with examples and names every command", async () => {
  await main(["--help"]);
  expect(output.stdout()).toMatch(/^Takes [^.]*\.\n\nExamples:\n/);
  const commands = [
    "init",
    "reset",
    "status",
    "ps",
    "events",
    "restart",
    "logs",
    "runner",
    "components",
    "version",
  ];
  for (const command of commands) expect(output.stdout()).toMatch(new RegExp(`^  ${command}\\b`, "m"));
});

test("no command at all is wrong usage, with the help", async () => {
  expect(await main([])).toBe(2);
  expect(output.stderr()).toContain("Usage: slipway");
});

test.each([
  [["statsu"], "status"],
  [["runner", "strat"], "start"],
  [["init", "--skip-phase", "certs"], "--skip-phases"],
  [["reset", "--forse"], "--force"],
  [["help", "statsu"], "status"],
  [["help", "runner", "strat"], "start"],
  [["statsu", "--help"], "status"],
  [["init", "phsae"], "phase"],
])("%j is wrong usage, and the nearest is named", async (argv, nearest) => {
  expect(await main(argv)).toBe(2);
  expect(output.stderr()).toContain(`Did you mean ${nearest}?`);
  expect(output.stdout()).toBe("");
});

test.each([
  [["logs"], "missing required argument 'pod'"],
  [["logs", "etcd", "--tail", "some"], "no whole number"],
  [["reset", "--root", ""], "names no directory"],
  [["init", "--runtime", "docker"], "Allowed choices are host, external"],
  [["status", "--output", "xml"], "Allowed choices are text, json, yaml"],
  [["version", "extra"], "'extra' is an argument too many: slipway version takes none"],
  [["logs", "etcd", "main"], "'main' is an argument too many: slipway logs takes only <pod>"],
  [["init", "--config", "--root", "/r"], "--config <file> has taken the word --root for its value"],
  [["init", "--node-name", "--help"], "--node-name <name> has taken the word --help for its value"],
  [["runner", "boot-script"], "--init <system>' not specified: one of systemd, openrc, sysv, container"],
  [["completion"], "missing required argument 'shell': one of bash, zsh, fish"],
  [["help", "nothing-like-it"], "unknown command 'nothing-like-it'"],
])("%j is wrong usage, with the reason", async (argv, reason) => {
  expect(await main(argv)).toBe(2);
  expect(output.stderr()).toContain(reason);
});

test("logs takes --tail=-1 for all, as kubectl does", async () => {
  const root = createTempTree({});
  expect(await main(["logs", "etcd", "--tail=-1", "--root", root])).toBe(1);
  expect(output.stderr()).not.toContain("no whole number");
});

test.each([
  ["join", "slipway token create --print-join-command"],
  ["upgrade", "slipway init --kubernetes-version v1.37.2"],
])("kubeadm's %s is not ours, and what does it here is named", async (word, command) => {
  expect(await main([word])).toBe(2);
  expect(output.stderr()).toContain(`why: unknown command '${word}'\n  fix: `);
  expect(output.stderr()).toContain(`: ${command}\n`);
});

test.each([
  [["statsu", "-o", "json"], "statsu", "slipway"],
  [["init", "--skip-phase", "x", "--output=json"], "--skip-phase", "slipway init"],
  [["runner", "status", "-o", "json", "--x"], "--x", "slipway runner status"],
])("wrong usage under -o json is one JSON object on stderr: %j", async (argv, word, command) => {
  expect(await main(argv)).toBe(2);
  expect(jsonFailure()).toEqual({
    apiVersion: "slipway.dev/v1",
    kind: "Error",
    code: "SLIPWAY_USAGE",
    what: expect.any(String),
    why: expect.stringContaining(word),
    fix: expect.stringMatching(`${command} --help lists what it takes$`),
    details: [],
  });
});

test("wrong usage points at the help of the command that was meant", async () => {
  expect(await main(["runner", "stop", "--pods", "--now"])).toBe(2);
  expect(output.stderr()).toBe(
    "error: slipway runner stop was not run: the command line is wrong\n  why: unknown option '--now'\n" +
      "  fix: slipway runner stop --help lists what it takes\n  code: SLIPWAY_USAGE\n",
  );
});

test("a word that looks like a flag is a value where it is written with =", async () => {
  expect(await main(["init", "--plan", "--root", createTempTree({}), "--config=--root"])).toBe(3);
  expect(output.stderr()).toContain("the configuration file --root cannot be read");
});

test.each(["version", "--version", "-V"])("slipway %s tells the version as text", async (word) => {
  expect(await main([word])).toBe(0);
  expect(output.stdout()).toMatch(/^slipway \d+\.\d+\.\d+ \(Kubernetes v1\.\d+\.\d+, Node\.js /);
});

test("the version is told as JSON and YAML", async () => {
  for (const format of ["json", "yaml"]) {
    const before = output.stdout().length;
    expect(await main(["version", "-o", format])).toBe(0);
    const [document] = parseYamlDocuments(output.stdout().slice(before));
    expect(document?.value).toMatchObject({ apiVersion: "slipway.dev/v1", kind: "Version" });
  }
});

test("a failure is told in text as what, why, fix and code, with its exit code", async () => {
  const root = createTempTree({});
  expect(await main(["ps", "--root", root])).toBe(1);
  expect(output.stderr()).toMatch(
    /^error: there is no control plane under .*\n {2}why: .*\n {2}fix: .*\n {2}code: SLIPWAY_RUNNER_UNREACHABLE\n$/,
  );
  expect(output.stdout()).toBe("");
});

test("a failure under -o json is one JSON object on stderr", async () => {
  const root = createTempTree({});
  expect(await main(["ps", "--root", root, "-o", "json"])).toBe(1);
  expect(jsonFailure()).toMatchObject({ kind: "Error", code: "SLIPWAY_RUNNER_UNREACHABLE", details: [] });
});

test("a configuration that is wrong ends with 3 and names its line", async () => {
  const root = createTempTree({ "c.yaml": "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfigurations\n" });
  expect(await main(["init", "--dry-run", "--config", join(root, "c.yaml")])).toBe(3);
  expect(output.stderr()).toContain("c.yaml:2");
});

test("a dry run prints manifests alone on stdout and changes nothing", async () => {
  const root = createTempTree({});
  const argv = ["init", "--dry-run", "--root", root, "--apiserver-advertise-address", "192.0.2.10"];
  expect(await main(argv)).toBe(0);
  const documents = parseYamlDocuments(output.stdout());
  expect(documents.map(({ value }) => value)).toMatchObject(
    Array.from({ length: 4 }, () => ({ kind: "Pod" })),
  );
  expect(createTempTree({})).not.toBe(root);
});

test("a plan is told as a table and as JSON", async () => {
  const argv = [
    "init",
    "--plan",
    "--root",
    createTempTree({}),
    "--apiserver-advertise-address",
    "192.0.2.10",
  ];
  expect(await main(argv)).toBe(0);
  expect(output.stdout()).toMatch(/^PHASE +STATE +STEP\ncerts +make +make /);
  expect(output.stdout()).toMatch(/\n\d+ to make, \d+ to check when it runs\n$/);
  const before = output.stdout().length;
  expect(await main([...argv, "-o", "json"])).toBe(0);
  expect(JSON.parse(output.stdout().slice(before))).toMatchObject({ kind: "Plan" });
});

test("where nothing was set up, status says how to and ends with 1, and reset has nothing to do", async () => {
  const root = createTempTree({});
  expect(await main(["status", "--root", root])).toBe(1);
  // Other runners of this machine may be named in a second line.
  const [first] = output.stdout().split("\n");
  expect(first).toBe(`There is no control plane under ${root}. To set one up: slipway init`);
  const before = output.stdout().length;
  expect(await main(["reset", "--root", root])).toBe(0);
  expect(output.stdout().slice(before)).toBe(`There is nothing to undo under ${root}.\n`);
});

test("a question without a terminal is an error that names the flag", async () => {
  const root = createTempTree({});
  const argv = ["--root", root, "--apiserver-advertise-address", "192.0.2.10", "--runtime", "external"];
  expect(await main(["init", "--yes", ...argv, "--ignore-preflight-errors", "all"])).toBe(0);
  expect(await main(["reset", "--root", root])).toBe(2);
  expect(output.stderr()).toContain("SLIPWAY_NO_TERMINAL");
  expect(output.stderr()).toContain("fix: slipway reset --force goes on without asking");
  expect(await main(["reset", "--root", root, "--force"])).toBe(0);
});

test.each([
  [["init", "--rootfs", "/x"], "--rootfs", "--root DIR"],
  [["token", "list", "--vmodule", "a=1"], "--vmodule", "slipway logs"],
  [["certs", "check-expiration", "--show-managed-fields"], "--show-managed-fields", "-o json"],
  [["config", "validate", "--allow-experimental-api"], "--allow-experimental-api", "v1beta4"],
  [["config", "images", "pull", "--cri-socket", "unix:///x"], "--cri-socket", "crictl pull"],
])("a flag of kubeadm's that means nothing here is refused by name: %j", async (argv, flag, fix) => {
  expect(await main(argv)).toBe(2);
  expect(output.stderr()).toContain(`error: ${flag} of kubeadm's is not taken here`);
  expect(output.stderr()).toMatch(new RegExp(`fix: .*${fix}`));
});

test("a phase's flags are those of init, and kubeadm's name for its dry run of add-ons is one", async () => {
  const root = createTempTree({});
  expect(await main(["init", "phase", "addon", "coredns", "--print-manifest", "--root", root])).toBe(0);
  expect(output.stdout()).toContain("kind: Deployment");
  expect(await main(["init", "phase", "kubeconfig", "all", "--kubeconfig-dir", "/x"])).toBe(2);
});

test("the Kubernetes version alone is what scripts ask kubeadm for", async () => {
  expect(await main(["version", "-o", "short"])).toBe(0);
  expect(output.stdout()).toBe("v1.37.2\n");
});

test("-v before or behind a command tells on stderr what is run and asked", async () => {
  const root = createTempTree({});
  await main(["status", "--root", root]);
  expect(output.stderr()).not.toContain("debug");
  await main(["-v", "6", "status", "--root", root]);
  const told = output.stderr().match(/debug (?:asked|ran)/g)?.length ?? 0;
  expect(told).toBeGreaterThan(0);
  await main(["status", "--root", root, "-v", "6"]);
  expect(output.stderr().match(/debug (?:asked|ran)/g)?.length).toBe(2 * told);
});
