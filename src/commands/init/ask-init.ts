import type { Ledger } from "../../apply/ledger.ts";
import type { ComponentSource } from "../../components/types.ts";
import { candidateAddresses } from "../../config/candidate-addresses.ts";
import { inspectInitConfig, parseInitConfig } from "../../config/parse-init-config.ts";
import { formatCidr, hasHostBits, parseCidr } from "../../core/cidr.ts";
import { DEFAULT_KUBERNETES_VERSION } from "../../core/constants.ts";
import { MINOR_VERSIONS } from "../../core/kubernetes-versions.ts";
import type { CallingUser } from "../../facts/read-calling-user.ts";
import type { MachineFacts } from "../../facts/types.ts";
import type { InterfaceAddress } from "../../system/host.ts";
import type { Ui } from "../ui.ts";
import type { InitOptions } from "./init-options.ts";
import { recallInput } from "./recall-input.ts";

/** The answer for no pod network; an empty answer is the suggestion. */
const NO_NETWORK = "none";

/**
 * Asks what init cannot know: the address among several, the pod network, the version and where to take components
 * from. Only on a terminal, and only what neither a flag nor `--config` nor `--yes` nor an earlier init has decided.
 * What an earlier init was told counts without a terminal and with `--yes` as well, unless there is a `--config` now.
 * Flags are judged before the first question, so that no answer is lost to them: raises SLIPWAY_CONFIG_INVALID.
 */
export async function askInit(input: {
  readonly options: InitOptions;
  readonly machine: MachineFacts;
  /** What an earlier init on this root has left. */
  readonly earlier: Ledger | undefined;
  /** Who may be offered a kubeconfig of their own. */
  readonly caller: CallingUser | undefined;
  /** Whether all binaries of a version are on this machine. */
  readonly hasBinaries: (kubernetesVersion: string) => Promise<boolean>;
  readonly ui: Ui;
}): Promise<InitOptions> {
  const { machine, caller, ui } = input;
  const options = recallInput(input);
  if (options.configPath !== undefined) return options;
  const { flags } = options;
  if (!ui.interactive || options.yes) return { ...options, flags: withoutNone(flags) };
  parseInitConfig({ text: undefined, flags });
  const apiserverAdvertiseAddress =
    flags.apiserverAdvertiseAddress ?? (await askAddress(ui, listAddresses({ machine, flags })));
  const kubernetesVersion = flags.kubernetesVersion ?? (await askVersion(ui));
  const podNetworkCidr = flags.podNetworkCidr ?? (await askPodNetwork(ui, flags));
  const isSourceOpen = options.components === "auto" && !(await input.hasBinaries(kubernetesVersion));
  const components = isSourceOpen ? await askSource(ui, options) : options.components;
  const userKubeconfig = options.userKubeconfig ?? (await askCopy(ui, caller));
  return {
    ...options,
    components,
    userKubeconfig,
    flags: withoutNone({ ...flags, kubernetesVersion, apiserverAdvertiseAddress, podNetworkCidr }),
  };
}

/** No pod network is a flag that is not given. */
function withoutNone(flags: InitOptions["flags"]): InitOptions["flags"] {
  return flags.podNetworkCidr === "" ? { ...flags, podNetworkCidr: undefined } : flags;
}

/** Those that the services' network allows. */
function listAddresses(input: {
  readonly machine: MachineFacts;
  readonly flags: InitOptions["flags"];
}): readonly InterfaceAddress[] {
  const [serviceNetwork = ""] = (input.flags.serviceCidr ?? "").split(",");
  const family = parseCidr(serviceNetwork)?.family ?? "IPv4";
  return candidateAddresses(input.machine).filter((candidate) => candidate.family === family);
}

async function askAddress(ui: Ui, addresses: readonly InterfaceAddress[]): Promise<string | undefined> {
  if (addresses.length < 2) return addresses[0]?.address;
  return ui.select({
    message: "Which address shall the API server advertise?",
    choices: addresses.map(({ address, interfaceName }) => ({
      name: `${address} (${interfaceName})`,
      value: address,
    })),
  });
}

function askVersion(ui: Ui): Promise<string> {
  return ui.select({
    message: "Which Kubernetes version?",
    choices: MINOR_VERSIONS.map(({ newest }) => ({
      name: newest === DEFAULT_KUBERNETES_VERSION ? `${newest} (newest)` : newest,
      value: newest,
    })),
  });
}

async function askPodNetwork(ui: Ui, flags: InitOptions["flags"]): Promise<string> {
  const answer = await ui.input({
    message: `Which network for pods? (or ${NO_NETWORK})`,
    initial: "10.244.0.0/16",
    check: (text) => (text === NO_NETWORK ? undefined : describeNetworkProblem(text, flags)),
  });
  return answer === NO_NETWORK ? "" : answer;
}

/** Why a pod network would be refused beside these flags; bits behind the network's own are a slip here. */
function describeNetworkProblem(text: string, flags: InitOptions["flags"]): string | undefined {
  for (const part of text.split(",")) {
    const network = parseCidr(part);
    if (network === undefined) return `that is no network such as 10.244.0.0/16, and not ${NO_NETWORK}`;
    if (hasHostBits(part)) return `${part} is all of ${formatCidr(network)}; write that, or a longer prefix`;
  }
  const { problems } = inspectInitConfig({ text: undefined, flags: { ...flags, podNetworkCidr: text } });
  const ours = "--pod-network-cidr: ";
  return problems.find((problem) => problem.startsWith(ours))?.slice(ours.length);
}

async function askCopy(ui: Ui, caller: CallingUser | undefined): Promise<boolean> {
  if (caller === undefined) return false;
  return ui.confirm({
    message: `Copy the administrator's kubeconfig to ${caller.homeDir}/.kube/config for ${caller.name}?`,
    initial: true,
    unasked: "slipway init --user-kubeconfig",
  });
}

async function askSource(ui: Ui, options: InitOptions): Promise<ComponentSource> {
  if (options.componentDir !== undefined) return "dir";
  const answer = await ui.select({
    message: "Where shall the binaries come from?",
    choices: [
      { name: "wherever they are: cache, PATH, download, Go build", value: "auto" },
      { name: "download the official release", value: "download" },
      { name: "build them with Go (about 20 minutes the first time)", value: "go" },
    ],
  });
  return answer === "download" || answer === "go" ? answer : "auto";
}
