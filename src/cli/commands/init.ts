import { type Command, Option } from "commander";
import type { Profile } from "../../config/types.ts";
import type { Phase } from "../../plan/phase.ts";
import type { CommandContext } from "../command-context.ts";
import { describeCommand, type HelpText } from "../help.ts";
import { type InitArguments, toInitOptions } from "../init-arguments.ts";
import {
  collectGates,
  collectList,
  componentDirOption,
  componentMirrorOption,
  componentSourceOption,
  outputOption,
  parseWhole,
  rootOption,
  runtimeOption,
  VERSION_FLAG,
  wordsOf,
} from "../options.ts";
import { addPhaseCommands } from "./init-phase.ts";

const HELP: HelpText = {
  purpose: "Set up a control plane on this machine",
  examples: [
    ["slipway init", "asks what it cannot know, shows the plan, asks once"],
    ["slipway init --yes", "asks nothing"],
    ["slipway init --config kubeadm.yaml", "a kubeadm v1beta4 configuration"],
    ["slipway init --dry-run", "prints the manifests; changes nothing, needs no root"],
    ["slipway init --plan", "prints every step"],
    ["slipway init --root ~/plane", "a whole control plane of your own under ~/plane"],
  ],
  notes: [
    "Writes what kubeadm writes under /etc/kubernetes and /var/lib/etcd, starts the static pod runner and waits until the control plane answers. Running it again goes on where it stopped.",
    "Next: slipway status; to undo: slipway reset",
  ],
};

/** `slipway init` with kubeadm's flags and our own. */
export function addInitCommand(
  program: Command,
  { context, phases }: { readonly context: CommandContext; readonly phases: readonly Phase[] },
): void {
  const command = describeCommand(program.command("init"), HELP);
  addRunFlags(command);
  addClusterFlags(command);
  addJoinFlags(command);
  addBinaryFlags(command);
  command.action((_options: InitArguments, self: Command) => act(self.optsWithGlobals(), context));
  addPhaseCommands(command, { context, phases });
}

function addRunFlags(command: Command): void {
  command
    .optionsGroup("What it does:")
    .option("--config <file>", "a kubeadm configuration file; flags win over it")
    .option("--yes", "answer every question with yes")
    .option("--dry-run", "print the manifests instead of changing anything")
    .option("--output-dir <dir>", "with --dry-run: write the manifests as files there")
    .option("--plan", "print the steps instead of doing them")
    .option("--print-effective", "print what file, flags and this machine come to")
    .option("--skip-phases <phases>", "leave these out, such as addon or certs/sa", collectList)
    .option("--ignore-preflight-errors <checks>", "failures of these, or all, only warn", collectList)
    .addOption(
      new Option("--profile <name>", "how it is hardened, by the CIS benchmark or not").choices(
        wordsOf<Profile>({ default: true, cis: true }),
      ),
    )
    .addOption(runtimeOption().default(undefined, "host"))
    .option("--user-kubeconfig", "give the user who called sudo a ~/.kube/config")
    .option("--timings", "print at the end where the time went")
    .addOption(rootOption())
    .addOption(outputOption());
}

function addClusterFlags(command: Command): void {
  command
    .optionsGroup("The cluster:")
    .option("--kubernetes-version <version>", VERSION_FLAG)
    .option("--node-name <name>", "the node's name (default: the host name)")
    .option("--pod-network-cidr <cidr>", "the network of pods")
    .option("--service-cidr <cidr>", "the network of services (default: 10.96.0.0/12)")
    .option("--service-dns-domain <domain>", "the domain of services (default: cluster.local)")
    .option("--apiserver-advertise-address <ip>", "the address that the API server advertises")
    .option("--apiserver-bind-port <port>", "the API server's port (default: 6443)", parseWhole)
    .option(
      "--apiserver-cert-extra-sans <names>",
      "more names and addresses for its certificate",
      collectList,
    )
    .option("--control-plane-endpoint <host>", "a stable address or name of the control plane")
    .option("--cert-dir <dir>", "where certificates lie (default: /etc/kubernetes/pki)")
    .option("--image-repository <name>", "what image names start with")
    .option("--patches <dir>", "patches of manifests: TARGET[+TYPE].yaml")
    .option("--cri-socket <url>", "the container runtime of a kubelet of this machine")
    .option("--feature-gates <gates>", "kubeadm's: NAME=true or NAME=false", collectGates)
    .option("--with-proxy-env", "hand this shell's proxy variables to the components")
    .option("--addons", "install CoreDNS and kube-proxy, for nodes with containers");
}

function addJoinFlags(command: Command): void {
  command
    .optionsGroup("Nodes that join:")
    .option("--token <token>", "a bootstrap token of your own; else a random one")
    .option("--token-ttl <duration>", "how long it is valid; 0: for ever (default: 24h)")
    .option("--skip-token-print", "do not print the token")
    .option("--upload-certs", "upload the shared certificates, encrypted")
    .option("--certificate-key <hex>", "the key to encrypt them with; else a random one")
    .option("--skip-certificate-key-print", "do not print that key");
}

function addBinaryFlags(command: Command): void {
  command
    .optionsGroup("Binaries:")
    .addOption(componentSourceOption())
    .addOption(componentDirOption())
    .addOption(componentMirrorOption());
}

async function act(options: InitArguments, { openSystem, signal, json }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ createUi }, { printInit, printDryRun }] = await Promise.all([
    import("../terminal/create-ui.ts"),
    import("../format/print-init.ts"),
  ]);
  const ui = createUi({ json });
  if (options.dryRun === true || options.plan === true || options.printEffective === true) {
    const { prepareInit } = await import("../../commands/init/prepare-init.ts");
    const quiet = { ...toInitOptions(options), yes: true };
    await printDryRun(system, {
      prepared: await prepareInit(system, { options: quiet, ui }),
      ui,
      ...options,
    });
    return;
  }
  const { runInit } = await import("../../commands/init/init.ts");
  const result = await runInit(system, { options: toInitOptions(options), ui, signal });
  if (result.prepared.dryRun) {
    ui.note("The configuration says dryRun: true, so nothing is changed.");
    await printDryRun(system, { prepared: result.prepared, ui, ...options });
    return;
  }
  printInit(result, options);
  if (options.timings !== true) return;
  const { printTimings } = await import("../format/print-timings.ts");
  printTimings(result.timings, { clock: system.clock, json });
}
