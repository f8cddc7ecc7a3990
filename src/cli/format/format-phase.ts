import type { InitOptions } from "../../commands/init/init-options.ts";
import type { PhaseResult } from "../../commands/init/init-phase.ts";
import type { JoinCommands } from "../../commands/init/joining.ts";
import { formatPhasePrefix } from "../terminal/tell.ts";

/** Why a phase has nothing to do. */
const NOTHING: Readonly<Record<string, string>> = {
  "upload-certs": "Skipping phase. Please see --upload-certs",
  "kubelet-finalize":
    "the runner's own certificate stays in kubelet.conf; with --runtime external it is a kubelet's",
  addon: "the configuration disables it",
};

/** What a phase says that has no steps. */
export function describeNothing(phase: string): string {
  return NOTHING[phase.split("/")[0] ?? ""] ?? "nothing to do";
}

/** What a phase says on stdout when it has ended. Shows tokens and keys, as kubeadm does. */
export function formatPhase(result: PhaseResult, options: InitOptions): string {
  if (result.dryRun !== undefined) return result.dryRun;
  const [name = ""] = result.phase.split("/");
  const lines = [
    ...(name === "preflight" ? ["no check stands in the way"] : []),
    ...(result.steps === 0 ? [describeNothing(name)] : []),
    ...(name === "bootstrap-token" && !options.skipTokenPrint
      ? result.tokens.map((token) => `Using token: ${token}`)
      : []),
    ...(result.certificateKey !== undefined && !options.skipCertificateKeyPrint
      ? [`Using certificate key:\n${result.certificateKey}`]
      : []),
  ].map((line) => `[${formatPhasePrefix(name)}] ${line}\n`);
  if (name !== "show-join-command") return lines.join("");
  if (result.tokens.length === 0)
    return "No bootstrap token is valid now; a new one: slipway token create --print-join-command\n";
  return formatJoining(result.joinCommands);
}

/** The join commands, for people. */
export function formatJoining({ worker, controlPlane }: JoinCommands): string {
  return [
    ...(controlPlane.length === 0
      ? []
      : ["Join a further control plane, as root on it:", ...controlPlane.map(indent)]),
    ...(worker.length === 0 ? [] : ["Join a worker node, as root on it:", ...worker.map(indent)]),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function indent(command: string): string {
  return `  ${command.replaceAll("\n\t", "\n    ")}`;
}
