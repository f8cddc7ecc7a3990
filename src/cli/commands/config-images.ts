import { type Command, Option } from "commander";
import type { ComponentSource } from "../../components/types.ts";
import type { CommandContext } from "../command-context.ts";
import { collectGates, type OutputFormat, outputOption } from "../options.ts";
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

const HELP = `Examples:
  slipway config images list --kubernetes-version 1.36
  slipway config images pull     gets the binaries that these images stand for, so that init finds them

On this machine an image such as registry.k8s.io/kube-apiserver:v1.37.2 stands for a binary, which init runs as a
process; pull gets those into the cache. What only other nodes run (kube-proxy, CoreDNS, pause) they pull themselves.
`;

/** `slipway config images list|pull`, as kubeadm's. */
export function addImagesCommands(config: Command, context: CommandContext): void {
  const images = config.command("images").description("The images of a cluster").addHelpText("before", HELP);
  const list = withCluster(images.command("list").description("List the images that a cluster runs"));
  refuseTemplateFlags(list).action((options: ImagesArguments) => listImages(options, context));
  const pull = withCluster(
    images.command("pull").description("Get what the images stand for on this machine"),
  )
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
    .option("--component-mirror <url>", "download from here in place of the official release");
  refuseFlag(pull, {
    flags: "--cri-socket <url>",
    why: "no container runtime has a part in this: the images stand for binaries of this machine",
    fix: "leave it out, or let the container runtime pull: crictl pull IMAGE",
  }).action((options: PullArguments) => pullImages(options, context));
}

function withCluster(command: Command): Command {
  return command
    .option("--config <file>", "a kubeadm configuration file")
    .option("--kubernetes-version <version>", "v1.37.2, 1.36, stable, …")
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

async function pullImages(options: PullArguments, { openSystem, signal }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runPullImages }, { printAnswer }, { createUi }] = await Promise.all([
    import("../../commands/config-images.ts"),
    import("../terminal/output.ts"),
    import("../terminal/create-ui.ts"),
  ]);
  const answer = await runPullImages(system, {
    ...{ configPath: options.config, flags: toFlags(options), runtime: options.runtime },
    source: options.componentDir !== undefined && options.components === "auto" ? "dir" : options.components,
    ...{ dir: options.componentDir, mirror: options.componentMirror, ui: createUi(), signal },
  });
  const text = (): string =>
    answer.images
      .map(
        ({ image, path }) =>
          `[config/images] ${path === undefined ? "Left out" : "Got"} ${image}${
            path === undefined ? ": nothing here runs it, and each node pulls it itself" : ` as ${path}`
          }\n`,
      )
      .join("");
  printAnswer(answer, { format: options.output, text });
}

function toFlags({ kubernetesVersion, imageRepository, featureGates }: ImagesArguments) {
  return { kubernetesVersion, imageRepository, featureGates };
}
