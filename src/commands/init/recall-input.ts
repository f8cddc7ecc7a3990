import { resolve } from "node:path";
import { type Ledger, type LedgerInput, pickRecordedFlags } from "../../apply/ledger.ts";
import { candidateAddresses } from "../../config/candidate-addresses.ts";
import { isLoopback } from "../../core/cidr.ts";
import type { MachineFacts } from "../../facts/types.ts";
import type { InterfaceAddress } from "../../system/host.ts";
import type { Ui } from "../ui.ts";
import { formatFlag } from "./format-input.ts";
import type { InitOptions } from "./init-options.ts";

/** What of a command line shapes the control plane, for the ledger: no secrets, and nothing that is for one run only. */
export function describeInput(options: InitOptions): LedgerInput {
  const { configPath, componentDir, runtime = "host", withProxyEnv, flags } = options;
  return {
    ...(configPath === undefined ? {} : { configPath: resolve(configPath) }),
    ...(componentDir === undefined ? {} : { componentDir: resolve(componentDir) }),
    flags: pickRecordedFlags({
      ...flags,
      patches: flags.patches === undefined ? undefined : resolve(flags.patches),
    }),
    runtime,
    withProxyEnv,
  };
}

/**
 * The command line, and for what it does not say that of an earlier init; so `init` again means the same. A `--config`
 * says it all. What is taken over is told.
 */
export function recallInput(input: {
  readonly options: InitOptions;
  readonly machine: MachineFacts;
  readonly earlier: Ledger | undefined;
  readonly ui: Ui;
}): InitOptions {
  const { options, earlier, ui } = input;
  if (earlier?.podSubnet === undefined || options.configPath !== undefined)
    return { ...options, runtime: options.runtime ?? earlier?.runtime ?? "host" };
  const { input: before } = earlier;
  const given = pickRecordedFlags(options.flags);
  const kept = Object.entries(before?.flags ?? {}).filter(([name]) => !(name in given));
  const componentDir = options.componentDir ?? before?.componentDir;
  const recalled: InitOptions = {
    ...options,
    configPath: before?.configPath,
    flags: { ...before?.flags, ...options.flags },
    runtime: options.runtime ?? earlier.runtime ?? before?.runtime ?? "host",
    withProxyEnv: options.withProxyEnv || before?.withProxyEnv === true,
    componentDir,
    components: componentDir !== undefined && options.components === "auto" ? "dir" : options.components,
  };
  const told = kept
    .filter(([name]) => !ANSWERS.includes(name))
    .map(([name, value]) => formatFlag(name, value));
  if (before?.configPath !== undefined) {
    const file = [`--config ${before.configPath}`, ...told].join(" ");
    tellRecalled(ui, { root: options.root, what: file });
    return recalled;
  }
  const flags = recallAnswers({ ...input, earlier, flags: recalled.flags });
  const known = `Kubernetes ${flags.kubernetesVersion}, pod network ${flags.podNetworkCidr || "none"}`;
  tellRecalled(ui, { root: options.root, what: [known, ...told].join(" ") });
  return { ...recalled, flags };
}

function tellRecalled(ui: Ui, { root, what }: { readonly root: string; readonly what: string }): void {
  ui.note(`init was run before on ${root}; what it was told holds unless flags say otherwise: ${what}`);
}

/** What is recalled as it came out, asked for or chosen, and not only as it was said. */
const ANSWERS = ["kubernetesVersion", "podNetworkCidr", "apiserverAdvertiseAddress"];

function recallAnswers(input: {
  readonly flags: InitOptions["flags"];
  readonly options: InitOptions;
  readonly machine: MachineFacts;
  readonly earlier: Ledger;
}): InitOptions["flags"] {
  const { earlier, machine, flags, options } = input;
  // An address that the machine has no longer is asked for anew.
  const kept = findKept(candidateAddresses(machine), earlier.advertiseAddress);
  return {
    ...flags,
    kubernetesVersion: options.flags.kubernetesVersion ?? earlier.kubernetesVersion,
    podNetworkCidr: options.flags.podNetworkCidr ?? earlier.podSubnet,
    apiserverAdvertiseAddress: options.flags.apiserverAdvertiseAddress ?? kept,
  };
}

/** A loopback address is kept where another would be chosen; where there is none it comes by itself, with its warning. */
function findKept(candidates: readonly InterfaceAddress[], earlier: string | undefined): string | undefined {
  if (earlier === undefined || candidates.length === 0) return undefined;
  const stays = isLoopback(earlier) || candidates.some(({ address }) => address === earlier);
  return stays ? earlier : undefined;
}
