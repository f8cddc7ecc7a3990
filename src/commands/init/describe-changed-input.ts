import type { Ledger } from "../../apply/ledger.ts";
import { formatFlag, formatName } from "./format-input.ts";
import type { PreparedInit } from "./prepare-init.ts";
import { describeInput } from "./recall-input.ts";

/** Where the new values come from of an init that would change what an earlier one made: what of its input differs. */
export function describeChangedInput(
  earlier: Ledger,
  prepared: Pick<PreparedInit, "options" | "config" | "paths">,
): string {
  const changes = listChanges(earlier, prepared);
  if (changes.length > 0) return `given otherwise now: ${changes.join(", ")}`;
  const { configPath } = prepared.options;
  const others = "this machine or this version of Slipway";
  return `the flags are the same, so it is ${configPath === undefined ? others : `${configPath}, ${others}`} that has changed`;
}

/** Each part that differs, old -> new. */
function listChanges(
  { input: before, ...earlier }: Ledger,
  { options, config, paths }: Pick<PreparedInit, "options" | "config" | "paths">,
): readonly string[] {
  const { configPath, componentDir, runtime, withProxyEnv, flags } = describeInput(options);
  const was: Readonly<Record<string, unknown>> = {
    config: configPath === paths.configCopyPath ? configPath : before?.configPath,
    componentDir: before?.componentDir,
    runtime: earlier.runtime ?? before?.runtime,
    withProxyEnv: before?.withProxyEnv,
    ...before?.flags,
    kubernetesVersion: earlier.kubernetesVersion,
    apiserverAdvertiseAddress: earlier.advertiseAddress,
    podNetworkCidr: earlier.podSubnet,
  };
  const is: Readonly<Record<string, unknown>> = {
    config: configPath,
    componentDir,
    runtime,
    withProxyEnv,
    ...flags,
    kubernetesVersion: config.cluster.kubernetesVersion,
    apiserverAdvertiseAddress: config.advertiseAddress,
    podNetworkCidr: config.cluster.podSubnet,
  };
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return names
    .filter((name) => name !== "ignorePreflightErrors" && show(name, was[name]) !== show(name, is[name]))
    .map((name) => `${show(name, was[name])} -> ${show(name, is[name])}`);
}

/** An empty pod network is none. */
function show(name: string, value: unknown): string {
  const isNone = value === undefined || value === "" || value === false;
  if (isNone) return `no ${formatName(name)}`;
  return value === true ? formatName(name) : formatFlag(name, value);
}
