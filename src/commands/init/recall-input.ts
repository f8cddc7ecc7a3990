import { resolve } from "node:path";
import { type Ledger, type LedgerInput, pickRecordedFlags } from "../../apply/ledger.ts";
import { candidateAddresses } from "../../config/candidate-addresses.ts";
import { isLoopback } from "../../core/cidr.ts";
import type { MachineFacts } from "../../facts/types.ts";
import type { InterfaceAddress } from "../../system/host.ts";
import type { Ui } from "../ui.ts";
import { formatFlag } from "./format-input.ts";
import type { InitOptions } from "./init-options.ts";

/**
 * What of a command line shapes the control plane, for the ledger: no secrets, and nothing that is for one run only.
 * `ignored` are the checks that failed and were to be ignored.
 */
export function describeInput(options: InitOptions, ignored: readonly string[] = []): LedgerInput {
  const { configPath, componentDir, runtime = "host", withProxyEnv, flags } = options;
  return {
    ...(configPath === undefined ? {} : { configPath: resolve(configPath) }),
    ...(componentDir === undefined ? {} : { componentDir: resolve(componentDir) }),
    flags: pickRecordedFlags({
      ...flags,
      patches: flags.patches === undefined ? undefined : resolve(flags.patches),
      ignorePreflightErrors: ignored.length === 0 ? undefined : ignored,
    }),
    runtime,
    withProxyEnv,
  };
}

/**
 * The command line, and for what it does not say that of an earlier init; so `init` again means the same. A `--config`
 * says it all, but for the failed checks that were agreed to. What is taken over is told.
 */
export function recallInput(input: {
  readonly options: InitOptions;
  readonly machine: MachineFacts;
  readonly earlier: Ledger | undefined;
  readonly ui: Ui;
}): InitOptions {
  const { earlier, ui } = input;
  const before = earlier?.input;
  const given = input.options.flags.ignorePreflightErrors ?? [];
  const agreed = (before?.flags.ignorePreflightErrors ?? []).filter(
    (name) => !given.includes(name) && !given.includes("all"),
  );
  const options = withIgnored(input.options, agreed);
  const checks = agreed.length === 0 ? [] : [formatFlag("ignorePreflightErrors", agreed)];
  const tell = (words: readonly string[]): void => {
    if (words.length > 0)
      ui.note(
        `init was run before on ${options.root}; where no flag says otherwise this holds: ${words.join(" ")}`,
      );
  };
  if (earlier?.podSubnet === undefined || options.configPath !== undefined) {
    tell(checks);
    return { ...options, runtime: options.runtime ?? earlier?.runtime ?? "host" };
  }
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
  tell([...listRecalled({ given: pickRecordedFlags(options.flags), earlier }), ...checks]);
  return before?.configPath === undefined
    ? { ...recalled, flags: recallAnswers({ ...input, earlier, flags: recalled.flags }) }
    : recalled;
}

/** A machine that lacks something lacks it the next time as well: who has agreed to that need not do so again. */
function withIgnored(options: InitOptions, agreed: readonly string[]): InitOptions {
  if (agreed.length === 0) return options;
  const ignorePreflightErrors = [...(options.flags.ignorePreflightErrors ?? []), ...agreed];
  return { ...options, flags: { ...options.flags, ignorePreflightErrors } };
}

/** What of an earlier init's input holds because this one does not say otherwise, as words of a command line. */
function listRecalled({
  given,
  earlier,
}: {
  readonly given: LedgerInput["flags"];
  readonly earlier: Ledger;
}): readonly string[] {
  const { input: before } = earlier;
  const kept = Object.entries(before?.flags ?? {}).filter(([name]) => !(name in given));
  const format = ([name, value]: (typeof kept)[number]): string => formatFlag(name, value);
  if (before?.configPath !== undefined) return [`--config ${before.configPath}`, ...kept.map(format)];
  const known = [
    ...("kubernetesVersion" in given ? [] : [`Kubernetes ${earlier.kubernetesVersion}`]),
    ...("podNetworkCidr" in given ? [] : [`pod network ${earlier.podSubnet || "none"}`]),
  ];
  const others = kept.filter(([name]) => !ANSWERS.includes(name)).map(format);
  return [known.join(", "), ...others].filter((word) => word !== "");
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
