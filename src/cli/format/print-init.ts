import { join } from "node:path";
import {
  buildPodList,
  describeManifests,
  describePlan,
  formatManifestStream,
  type PlanAnswer,
  readStates,
  summarizePlan,
  writeManifests,
} from "../../commands/init/dry-run.ts";
import type { InitResult } from "../../commands/init/init.ts";
import type { PreparedInit } from "../../commands/init/prepare-init.ts";
import type { Ui } from "../../commands/ui.ts";
import { formatElapsed } from "../../core/duration.ts";
import { formatHostPort } from "../../core/host-port.ts";
import { quoteShown } from "../../core/quote-shell.ts";
import { formatTable } from "../../core/table.ts";
import { wrapText } from "../../core/wrap-text.ts";
import type { System } from "../../system/system.ts";
import { type OutputFormat, terminalWidth } from "../options.ts";
import { colourOf } from "../terminal/colour.ts";
import { printAnswer, printText } from "../terminal/output.ts";
import { formatJoining } from "./format-phase.ts";

/** Prints what a dry run prints: the steps, files' names, a List or the stream of manifests. */
export async function printDryRun(
  system: System,
  options: {
    readonly prepared: PreparedInit;
    readonly ui: Ui;
    readonly plan?: boolean;
    readonly printEffective?: boolean;
    readonly outputDir?: string;
    readonly output: OutputFormat;
  },
): Promise<void> {
  const { prepared, output, ui } = options;
  for (const { fact, reason } of prepared.machine.unknown) {
    ui.warn(`${fact} could not be read (${reason}); init as root may come to another result`);
  }
  if (options.printEffective === true) {
    const { formatEffective } = await import("../../commands/config.ts");
    printText(formatEffective(prepared.config));
  } else if (options.plan === true) {
    const plan = describePlan(prepared, await readStates(system, options));
    printAnswer(plan, { format: output, text: () => formatPlan(plan, terminalWidth()) });
  } else {
    await printManifests(system, options);
  }
}

async function printManifests(
  system: System,
  options: Pick<Parameters<typeof printDryRun>[1], "prepared" | "ui" | "outputDir" | "output">,
): Promise<void> {
  const { prepared, output, ui, outputDir } = options;
  const known = describeManifests(await readStates(system, options));
  if (outputDir !== undefined) {
    const files = await writeManifests(system, { prepared, outputDir });
    printAnswer(
      { apiVersion: "slipway.dev/v1", kind: "WrittenManifests", files },
      { format: output, text: () => files.map((file) => `${file}\n`).join("") },
    );
  } else if (output === "json") {
    printText(`${JSON.stringify(buildPodList(prepared), undefined, 2)}\n`);
  } else {
    printText(formatManifestStream(prepared));
  }
  if (known !== undefined) ui.note(known);
}

/** The steps and what would become of each, then what would change and how many come to what. */
function formatPlan(plan: PlanAnswer, { columns }: { readonly columns?: number }): string {
  const rows = plan.steps.map(({ phase, state, title }) => [phase, state, title]);
  const whole = formatTable(["PHASE", "STATE", "STEP"], rows);
  // A step that is longer goes on below itself.
  const table = columns === undefined ? whole : wrapText(whole, { columns, indent: whole.indexOf("STEP") });
  const details = plan.steps.flatMap(({ state, detail }) =>
    detail === undefined ? [] : [`${state}: ${detail}\n`],
  );
  return `${[table, ...details].join("\n")}\n${summarizePlan(plan)}\n`;
}

/** Prints what init has come to. */
export function printInit(result: InitResult, options: { readonly output: OutputFormat }): void {
  const { config, paths, machine, options: given } = result.prepared;
  const answer = {
    apiVersion: "slipway.dev/v1",
    kind: "InitResult",
    changed: result.changed,
    server: `https://${formatHostPort(config.advertiseAddress, config.bindPort)}`,
    kubeconfig: join(paths.kubernetesDir, "admin.conf"),
    kubernetesVersion: config.cluster.kubernetesVersion,
    nodeName: config.nodeName,
    kubectl: result.components.find(({ name }) => name === "kubectl")?.path,
    components: result.components,
    joinCommands: result.joinCommands,
  };
  printAnswer(answer, {
    format: options.output,
    secret: true,
    text: () => {
      const { bold, green } = colourOf(process.stdout);
      if (given.runtime === "external") return formatExternal(result);
      const head = result.changed
        ? `${green("The control plane is ready")} after ${formatElapsed(result.elapsedMs)}: Kubernetes ${answer.kubernetesVersion}`
        : `${green("The control plane is as it should be")}; nothing was changed. Kubernetes ${answer.kubernetesVersion}`;
      return `${[
        "",
        head,
        "",
        `  API server    ${bold(answer.server)}`,
        `  node          ${answer.nodeName}`,
        "  running       etcd, kube-apiserver, kube-controller-manager, kube-scheduler",
        `  kubectl       ${answer.kubectl ?? "not found: slipway components fetch kubectl"}`,
        "",
        "Use it:",
        `  export KUBECONFIG=${quoteShown(answer.kubeconfig)}`,
        `  ${answer.kubectl ?? "kubectl"} get pods -A`,
        ...(machine.uid === 0 ? describeCopy(result, answer.kubeconfig) : []),
        "",
        ...describeJoining(result),
        "See it, also with the API server down:",
        "  slipway status",
        "  slipway ps",
        "  slipway logs -f kube-apiserver",
        "",
        "Undo it:  slipway reset",
      ].join("\n")}\n`;
    },
  });
}

function describeCopy({ prepared }: InitResult, kubeconfig: string): readonly string[] {
  const copy = prepared.plan.steps.find((step) => step.kind === "copy-kubeconfig");
  if (copy !== undefined) return [`As the user who called sudo, without more: kubectl reads ${copy.path}`];
  return [
    "As an ordinary user:",
    `  mkdir -p ~/.kube && sudo cp -i ${quoteShown(kubeconfig)} ~/.kube/config`,
    "  sudo chown $(id -u):$(id -g) ~/.kube/config",
  ];
}

/** What is left to do for a cluster of several nodes: the network, the add-ons, the commands to join with. */
function describeJoining(result: InitResult): readonly string[] {
  const { joinCommands, certificateKey, prepared } = result;
  if (joinCommands.worker.length === 0) return [];
  const addons = prepared.options.addons
    ? []
    : ["CoreDNS and kube-proxy are not installed yet:  slipway init phase addon all"];
  const shared = certificateKey === undefined ? COPIED_CERTIFICATES : UPLOADED_CERTIFICATES;
  return [
    "For pods on other nodes install a network add-on:  kubectl apply -f NETWORK.yaml",
    "  https://kubernetes.io/docs/concepts/cluster-administration/addons/",
    ...addons,
    "",
    ...formatJoining(joinCommands).trimEnd().split("\n"),
    ...(joinCommands.controlPlane.length === 0 ? [] : shared),
    "",
  ];
}

const COPIED_CERTIFICATES = [
  "A further control plane needs the CAs' and sa's files of this one's pki directory first; or let it fetch them:",
  "  slipway init phase upload-certs --upload-certs",
];

const UPLOADED_CERTIFICATES = [
  "Keep the certificate key secret: it opens the uploaded CA keys. They are deleted in two hours; again:",
  "  slipway init phase upload-certs --upload-certs",
];

/** With a kubelet as the runtime, what needs the API server is left: a command each, in order. */
function formatExternal({ prepared }: InitResult): string {
  const config = prepared.options.configPath === undefined ? "" : ` --config ${prepared.options.configPath}`;
  const phases = [
    "wait-control-plane",
    "upload-config all",
    "mark-control-plane",
    "bootstrap-token",
    "addon all",
  ];
  return [
    `The manifests are in ${prepared.paths.manifestDir}; a kubelet with that staticPodPath will run them.`,
    "When it has been started, these finish the cluster:",
    ...phases.map((phase) => `  slipway init phase ${phase} --runtime external${config}`),
    "  slipway init phase show-join-command",
    "",
  ].join("\n");
}
