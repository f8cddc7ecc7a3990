import { expect, test } from "vitest";
import type { Ledger } from "../../../../src/apply/ledger.ts";
import { describeChangedInput } from "../../../../src/commands/init/describe-changed-input.ts";
import type { InitOptions } from "../../../../src/commands/init/init-options.ts";
import { buildPaths } from "../../../../src/core/paths.ts";
import { sampleInitConfig } from "../../../support/init-config.ts";
import { sampleInitOptions } from "../../../support/init-options.ts";

const CONFIG = sampleInitConfig({ cluster: { podSubnet: "10.9.0.0/16" } });
const PATHS = buildPaths({ root: "/", uid: 0 });
const EARLIER: Ledger = {
  apiVersion: "slipway.dev/v1",
  kind: "Ledger",
  root: "/",
  kubernetesVersion: CONFIG.cluster.kubernetesVersion,
  nodeName: "n1",
  advertiseAddress: CONFIG.advertiseAddress,
  podSubnet: "10.9.0.0/16",
  runtime: "external",
  input: {
    flags: { nodeName: "cp", podNetworkCidr: "10.9.0.0/16" },
    runtime: "external",
    withProxyEnv: false,
  },
  entries: [],
};

function describe(change: Partial<InitOptions>, config = CONFIG): string {
  const flags = { nodeName: "cp", podNetworkCidr: "10.9.0.0/16", ...change.flags };
  const options = { ...sampleInitOptions("/", { ...change, flags }), runtime: change.runtime ?? "external" };
  return describeChangedInput(EARLIER, { options, config, paths: PATHS });
}

test("each part that differs is told by its flag, old -> new", () => {
  const flags = { nodeName: "other", serviceCidr: "10.97.0.0/16", podNetworkCidr: "" };
  const config = sampleInitConfig({ cluster: { podSubnet: "" } });
  expect(describe({ flags, configPath: "/b.yaml", runtime: "host", withProxyEnv: true }, config)).toBe(
    "given otherwise now: no --config -> --config /b.yaml, --runtime external -> --runtime host, " +
      "no --with-proxy-env -> --with-proxy-env, --node-name cp -> --node-name other, " +
      "--pod-network-cidr 10.9.0.0/16 -> no --pod-network-cidr, no --service-cidr -> --service-cidr 10.97.0.0/16",
  );
});

test("with the same flags it is a file or something else that has changed; what was ignored is no input", () => {
  expect(describe({ flags: { ignorePreflightErrors: ["Swap"] } })).toBe(
    "the flags are the same, so it is this machine or this version of Slipway that has changed",
  );
  const before = { ...EARLIER, input: { ...EARLIER.input, configPath: "/a.yaml" } } as Ledger;
  const options = {
    ...sampleInitOptions("/", { configPath: "/a.yaml", flags: EARLIER.input?.flags ?? {} }),
    runtime: "external" as const,
  };
  expect(describeChangedInput(before, { options, config: CONFIG, paths: PATHS })).toContain(
    "it is /a.yaml, this machine",
  );
});
