import { type Command, Option } from "commander";
import type { Phase } from "../../plan/phase.ts";
import type { CommandContext } from "../command-context.ts";
import { type InitArguments, toInitOptions } from "../init-arguments.ts";
import { collectGates, collectList, outputOption, parseWhole, rootOption } from "../options.ts";
import { addPhaseCommands } from "./init-phase.ts";

const HELP = `Examples:
  slipway init                                   asks what it cannot know, shows the plan, asks once
  slipway init --yes --pod-network-cidr 10.244.0.0/16
  slipway init --config kubeadm.yaml             a kubeadm v1beta4 configuration
  slipway init --dry-run                         prints the manifests; needs no root and changes nothing
  slipway init --plan                            prints every step
  slipway init --root ~/plane                    a whole control plane of your own under ~/plane

Writes what kubeadm writes under /etc/kubernetes and /var/lib/etcd, starts the static pod runner and waits until the
control plane answers. Running it again goes on where it stopped. Next: slipway status; to undo: slipway reset.
`;

/** `slipway init` with kubeadm's flags and our own. */
export function addInitCommand(
  program: Command,
  { context, phases }: { readonly context: CommandContext; readonly phases: readonly Phase[] },
): void {
  const command = program
    .command("init")
    .description("Set up a control plane on this machine")
    .addHelpText("before", HELP);
  addKubeadmFlags(command);
  command
    .option("--yes", "answer every question with yes")
    .option("--plan", "print the steps instead of doing them")
    .option("--output-dir <dir>", "with --dry-run: write the manifests as files there")
    .option("--print-effective", "print what file, flags and this machine come to, and do nothing")
    .option("--with-proxy-env", "hand this shell's proxy variables on to the components, as kubeadm does")
    .option("--timings", "print at the end where the time went")
    .option("--addons", "install CoreDNS and kube-proxy, for nodes that run containers")
    .option("--user-kubeconfig", "copy admin.conf to ~/.kube/config of the user who called sudo")
    .addOption(
      new Option("--runtime <name>", "who runs the pods: this machine's runner, or a kubelet")
        .choices(["host", "external"])
        .default("host"),
    )
    .addOption(
      new Option("--components <source>", "where the binaries come from")
        .choices(["auto", "dir", "download", "go"])
        .default("auto"),
    )
    .option("--component-dir <dir>", "a directory with the binaries")
    .option("--component-mirror <url>", "download from here in place of the official release")
    .addOption(rootOption())
    .addOption(outputOption())
    .action((_options: InitArguments, self: Command) => act(self.optsWithGlobals(), context));
  addPhaseCommands(command, { context, phases });
}

function addKubeadmFlags(command: Command): void {
  command
    .option("--config <file>", "a kubeadm configuration file")
    .option("--dry-run", "print the manifests instead of changing anything")
    .option("--apiserver-advertise-address <ip>", "the address that the API server advertises")
    .option("--apiserver-bind-port <port>", "the port of the API server", parseWhole)
    .option(
      "--apiserver-cert-extra-sans <names>",
      "further names and addresses for its certificate",
      collectList,
    )
    .option("--cert-dir <dir>", "where certificates lie")
    .option("--control-plane-endpoint <host>", "a stable address or name of the control plane")
    .option(
      "--feature-gates <gates>",
      "NAME=true|false, of kubeadm's for this Kubernetes version",
      collectGates,
    )
    .option(
      "--ignore-preflight-errors <checks>",
      "checks whose errors are warnings; all for every one",
      collectList,
    )
    .option("--image-repository <name>", "the registry that image names start with")
    .option("--kubernetes-version <version>", "v1.37.2, 1.36, stable, …")
    .option("--node-name <name>", "the node's name")
    .option("--pod-network-cidr <cidr>", "the network of pods")
    .option("--service-cidr <cidr>", "the network of services")
    .option("--service-dns-domain <domain>", "the domain of services")
    .option("--skip-phases <phases>", "phases to leave out, such as addon or certs/sa", collectList)
    .option("--patches <dir>", "a directory of patches, TARGET[SUFFIX][+strategic|merge|json].yaml")
    .option("--cri-socket <url>", "where a kubelet of this machine finds its container runtime")
    .option("--upload-certs", "upload the shared certificates, encrypted, for further control planes")
    .option("--certificate-key <hex>", "the key to encrypt them with; else a random one")
    .option("--skip-certificate-key-print", "do not print that key")
    .option("--token <token>", "a bootstrap token of your own; else a random one")
    .option("--token-ttl <duration>", "how long the token is valid; 0: for ever (default: 24h)")
    .option("--skip-token-print", "do not print the token");
}

async function act(options: InitArguments, { openSystem, signal }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ createUi }, { printInit, printDryRun }] = await Promise.all([
    import("../terminal/create-ui.ts"),
    import("../format/print-init.ts"),
  ]);
  const ui = createUi();
  if (options.dryRun === true || options.plan === true || options.printEffective === true) {
    const { prepareInit } = await import("../../commands/init/prepare-init.ts");
    const quiet = { ...toInitOptions(options), yes: true };
    await printDryRun(system, { prepared: await prepareInit(system, { options: quiet, ui }), ...options });
    return;
  }
  const { runInit } = await import("../../commands/init/init.ts");
  const result = await runInit(system, { options: toInitOptions(options), ui, signal });
  printInit(result, options);
  if (options.timings !== true) return;
  const { printTimings } = await import("../format/print-timings.ts");
  printTimings(result.timings);
}
