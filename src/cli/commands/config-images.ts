import type { Command } from "commander";
import type { ComponentSource } from "../../components/types.ts";
import type { CommandContext } from "../command-context.ts";
import { describeCommand, type HelpText } from "../help.ts";
import {
  collectGates,
  componentDirOption,
  componentMirrorOption,
  componentSourceOption,
  type OutputFormat,
  outputOption,
  runtimeOption,
  VERSION_FLAG,
} from "../options.ts";
import { refuseFlag, refuseTemplateFlags } from "../refuse-flag.ts";

interface ImagesArguments {
  readonly config?: string;
  readonly kubernetesVersion?: string;
  readonly imageRepository?: string;
  readonly featureGates?: Readonly<Record<string, boolean>>;
  readonly output: OutputFormat;
}

interface PullArguments extends ImagesArguments {
  readonly runtime: "host" | "external";
  readonly components: ComponentSource;
  readonly componentDir?: string;
  readonly componentMirror?: string;
}

const HELP = {
  images: {
    purpose: "The images of a cluster",
    examples: [
      ["slipway config images list", "what a cluster runs"],
      ["slipway config images pull", "the binaries that they stand for"],
    ],
    notes: [
      "On this machine an image such as registry.k8s.io/kube-apiserver:v1.37.2 stands for a binary, which init runs as a process.",
    ],
  },
  list: {
    purpose: "List the images that a cluster runs",
    examples: [
      ["slipway config images list"],
      ["slipway config images list --kubernetes-version 1.36"],
      ["slipway config images list --config kubeadm.yaml -o json"],
    ],
    notes: ["Next: slipway config images pull"],
  },
  pull: {
    purpose: "Get what the images stand for on this machine",
    examples: [["slipway config images pull", "so that init finds the binaries in the cache"]],
    notes: [
      "What only other nodes run (kube-proxy, CoreDNS, pause) they pull themselves.",
      "Files: /var/cache/slipway, or ~/.cache/slipway of an ordinary user.",
      "Next: slipway init",
    ],
  },
} as const satisfies Record<string, HelpText>;

/** `slipway config images list|pull`, as kubeadm's. */
export function addImagesCommands(config: Command, context: CommandContext): void {
  const images = describeCommand(config.command("images"), HELP.images);
  const list = withCluster(describeCommand(images.command("list"), HELP.list));
  refuseTemplateFlags(list).action((options: ImagesArguments) => listImages(options, context));
  const pull = withCluster(describeCommand(images.command("pull"), HELP.pull))
    .addOption(runtimeOption().default("host"))
    .addOption(componentSourceOption())
    .addOption(componentDirOption())
    .addOption(componentMirrorOption());
  refuseFlag(pull, {
    flags: "--cri-socket <url>",
    why: "no container runtime has a part in this: the images stand for binaries of this machine",
    fix: "leave it out, or let the container runtime pull: crictl pull IMAGE",
  }).action((options: PullArguments) => pullImages(options, context));
}

function withCluster(command: Command): Command {
  return command
    .option("--config <file>", "a kubeadm configuration file")
    .option("--kubernetes-version <version>", VERSION_FLAG)
    .option("--image-repository <name>", "the registry that image names start with")
    .option("--feature-gates <gates>", "NAME=true|false, of kubeadm's", collectGates)
    .addOption(outputOption());
}

async function listImages(options: ImagesArguments, { openSystem }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runConfigImages }, { printAnswer }] = await Promise.all([
    import("../../commands/config-images.ts"),
    import("../terminal/output.ts"),
  ]);
  const images = await runConfigImages(system, { configPath: options.config, flags: toFlags(options) });
  const answer = { apiVersion: "output.kubeadm.k8s.io/v1alpha3", kind: "Images", images };
  printAnswer(answer, { format: options.output, text: () => images.map((image) => `${image}\n`).join("") });
}

async function pullImages(
  options: PullArguments,
  { openSystem, signal, json }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runPullImages }, { printAnswer }, { createUi }] = await Promise.all([
    import("../../commands/config-images.ts"),
    import("../terminal/output.ts"),
    import("../terminal/create-ui.ts"),
  ]);
  const answer = await runPullImages(system, {
    ...{ configPath: options.config, flags: toFlags(options), runtime: options.runtime },
    source: options.componentDir !== undefined && options.components === "auto" ? "dir" : options.components,
    ...{ dir: options.componentDir, mirror: options.componentMirror, ui: createUi({ json }), signal },
  });
  const line = ({ image, path }: (typeof answer.images)[number]): string =>
    path === undefined ? `Left out ${image}: the nodes that run it pull it` : `Pulled ${image}`;
  const text = (): string => answer.images.map((image) => `[config/images] ${line(image)}\n`).join("");
  printAnswer(answer, { format: options.output, text });
}

function toFlags({ kubernetesVersion, imageRepository, featureGates }: ImagesArguments) {
  return { kubernetesVersion, imageRepository, featureGates };
}
