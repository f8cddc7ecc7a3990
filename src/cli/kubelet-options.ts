import { type Command, Option } from "commander";
import type { KubeletFlags } from "../commands/runner/kubelet-flags.ts";
import { parseWhole, wordsOf } from "./options.ts";

/** What commander makes of the kubelet's flags. */
export type KubeletArguments = Omit<KubeletFlags, "idle"> &
  Readonly<Record<IdleName, string | true | undefined>>;

type IdleName = (typeof IDLE)[number]["name"];

/**
 * Flags that stand in many unit files and have nothing to do here; two of them the kubelet itself has dropped.
 * Source: cmd/kubelet/app/options/options.go; design D2.
 */
const IDLE = [
  { flag: "--container-runtime [name]", name: "containerRuntime" },
  { flag: "--container-runtime-endpoint [endpoint]", name: "containerRuntimeEndpoint" },
  { flag: "--image-service-endpoint [endpoint]", name: "imageServiceEndpoint" },
  { flag: "--network-plugin [name]", name: "networkPlugin" },
  { flag: "--cni-bin-dir [dir]", name: "cniBinDir" },
  { flag: "--cni-conf-dir [dir]", name: "cniConfDir" },
  { flag: "--pod-infra-container-image [image]", name: "podInfraContainerImage" },
  { flag: "--cgroup-driver [name]", name: "cgroupDriver" },
  { flag: "--fail-swap-on [truth]", name: "failSwapOn" },
  { flag: "--bootstrap-kubeconfig [file]", name: "bootstrapKubeconfig" },
  { flag: "-v, --v [level]", name: "v" },
] as const;

/** The kubelet's flags on a command, with the kubelet's names. */
export function addKubeletOptions(command: Command): Command {
  command
    .option("--pod-manifest-path <path>", "run this manifest, or those of this directory")
    .option("--manifest-url <url>", "run the Pod or PodList at this URL")
    .option("--manifest-url-header <name:value>", "a header; in --config it is off the process list", collect)
    .option("--config <file>", "a KubeletConfiguration; flags win over it")
    .option("--config-dir <dir>", "its drop-ins: *.conf, merged in order")
    .option("--file-check-frequency <duration>", "list manifests so often (default: 20s)")
    .option("--http-check-frequency <duration>", "ask the URL so often (default: 20s)")
    .option("--max-pods <count>", "at most so many pods (default: 110)", parseWhole)
    .option("--hostname-override <name>", "the node's name (default: the host name)")
    .option("--node-ip <address>", "its address (default: the machine's first)")
    .option("--kubeconfig <file>", "its identity in a cluster (default: none)")
    .option("--cert-dir <dir>", "where its serving certificate lies or is made, if --config names none")
    .option("--node-labels <key=value,...>", "labels to register the node with", join)
    .option("--register-with-taints <taints>", "taints to register it with: key=value:effect,...")
    .option("--register-node [truth]", "whether to register it (default: true)")
    .addOption(
      new Option("--bad-manifest <what>", "the pod of a manifest gone bad")
        .choices(wordsOf<NonNullable<KubeletFlags["badManifest"]>>({ keep: true, remove: true }))
        .default(undefined, "keep"),
    );
  for (const { flag } of IDLE) command.addOption(new Option(flag).hideHelp());
  return command;
}

/** The flags, and which of them do nothing. */
export function readKubeletFlags(given: KubeletArguments): KubeletFlags {
  const idle = IDLE.filter(({ name }) => given[name] !== undefined);
  return { ...given, idle: idle.map(({ flag }) => /--[a-z-]+/.exec(flag)?.[0] ?? flag) };
}

function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

function join(text: string, before: string | undefined): string {
  return before === undefined ? text : `${before},${text}`;
}
