import type { Command } from "commander";
import { expect, test } from "vitest";
import { complete } from "../../../src/cli/completion/complete.ts";
import { findSource } from "../../../src/cli/completion/value-sources.ts";
import { listManagedCertificates } from "../../../src/commands/certs/managed-certificates.ts";
import { COMPONENT_NAMES } from "../../../src/components/types.ts";
import { describeTokenUse } from "../../../src/config/bootstrap-tokens.ts";
import { parseInitConfig } from "../../../src/config/parse-init-config.ts";
import { buildPaths } from "../../../src/core/paths.ts";
import { readResetPhases } from "../../../src/core/reset-phases.ts";
import { INIT_PHASES } from "../../../src/plan/build-plan.ts";
import { listLeaves, selectLeaves } from "../../../src/plan/select-phases.ts";
import { buildWholeProgram } from "../../support/command-lines.ts";

const PROGRAM = buildWholeProgram();

async function words(line: string): Promise<readonly string[]> {
  const openSystem = () => Promise.reject(new Error("no machine"));
  const { candidates } = await complete(PROGRAM, { words: line.split(" ").slice(1), openSystem });
  return candidates.map(({ word }) => word);
}

/** Of values that no list can name, by the word in the usage. */
const FREE = [
  ...[
    "address",
    "cidr",
    "count",
    "domain",
    "duration",
    "frequency",
    "hex",
    "host",
    "ip",
    "key=value,...",
    "level",
  ],
  ...[
    "lines",
    "name:value",
    "port",
    "taints",
    "text",
    "time",
    "token",
    "tokens",
    "truth",
    "url",
    "command",
    "yes",
  ],
];
/** The same, where the word in the usage says too little. */
const FREE_HERE = [
  ...[
    "--apiserver-cert-extra-sans",
    "--client-name",
    "--groups",
    "--hostname-override",
    "--image-repository",
  ],
  ...["--node-name", "--org", "create token"],
];

function listCommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(listCommands)];
}

test("every value that can be named is offered: by choices, by a source, or by the shell's files", () => {
  const unknown = listCommands(PROGRAM).flatMap((command) => [
    ...command.options
      .filter(
        ({ hidden, argChoices, required, optional }) =>
          !hidden && argChoices === undefined && (required || optional),
      )
      .map(({ long, flags }) => ({ name: long ?? flags, word: /[<[]([^>\]]+)[>\]]/.exec(flags)?.[1] ?? "" })),
    ...command.registeredArguments
      .filter(({ argChoices }) => argChoices === undefined)
      .map((argument) => ({ name: `${command.name()} ${argument.name()}`, word: argument.name() })),
  ]);
  const missing = unknown.filter(
    ({ name, word }) =>
      !FREE.includes(word) &&
      !FREE_HERE.includes(name) &&
      findSource({ names: [name], placeholder: word }) === undefined,
  );
  expect(missing).toEqual([]);
});

test("certificates are those that renew takes", async () => {
  const { cluster } = parseInitConfig({ text: undefined }).config;
  const managed = listManagedCertificates(cluster, buildPaths({ root: "/", uid: 0 }));
  const offered = await words("slipway certs renew ");
  expect(offered.toSorted()).toEqual(["all", ...managed.map(({ name }) => name)].sort());
});

test("components are those that fetch takes", async () => {
  expect(await words("slipway components fetch ")).toEqual(COMPONENT_NAMES);
});

test("phases to skip are those of the command", async () => {
  const ofInit = await words("slipway init --skip-phases ");
  expect(() => selectLeaves(INIT_PHASES, ofInit)).not.toThrow();
  expect(ofInit).toEqual(expect.arrayContaining(listLeaves(INIT_PHASES).map(({ path }) => path)));
  const ofReset = await words("slipway reset --skip-phases ");
  expect(readResetPhases(ofReset)).toEqual(ofReset);
  expect(await words("slipway reset --skip-phases preflight,cl")).toContain("preflight,cleanup-node");
  expect(await words("slipway reset phase cleanup-node --skip-phases=")).toContain("--skip-phases=preflight");
});

test("checks to ignore, usages and gates are what the command takes", async () => {
  const ignorePreflightErrors = (await words("slipway init --ignore-preflight-errors ")).filter(
    (name) => name !== "all",
  );
  expect(() => parseInitConfig({ text: undefined, flags: { ignorePreflightErrors } })).not.toThrow();
  const usages = await words("slipway token create --usages ");
  expect(usages).toHaveLength(2);
  expect(describeTokenUse({ usages, groups: [] })).toEqual([]);
  for (const version of ["v1.34.4", "v1.37.2"]) {
    const gates = await words(`slipway init --kubernetes-version ${version} --feature-gates `);
    expect(gates.length).toBeGreaterThan(0);
    for (const [name = "", on] of gates.map((gate) => gate.split("="))) {
      const featureGates = { [name]: on === "true" };
      const flags = { kubernetesVersion: version, featureGates };
      expect(() => parseInitConfig({ text: undefined, flags })).not.toThrow();
    }
  }
});
