import { SlipwayError } from "../core/errors.ts";
import { isObject } from "../core/json.ts";
import { checkBootstrapTokens } from "./bootstrap-tokens.ts";
import { buildRequested, type DecodedDocuments } from "./build-requested.ts";
import { checkFields } from "./check-fields.ts";
import { checkNetworks } from "./check-networks.ts";
import { checkPorts } from "./check-ports.ts";
import { checkTaints } from "./check-taints.ts";
import { decodeDocument } from "./decode-document.ts";
import { describeIneffective, findUnsupported } from "./find-unsupported.ts";
import { type DOCUMENT_KINDS, describeFinding, type FieldFinding, selectFirstPerField } from "./findings.ts";
import { overlayFlags } from "./overlay-flags.ts";
import { readDocuments } from "./read-documents.ts";
import { resolveKubernetesVersion } from "./resolve-kubernetes-version.ts";
import { clusterSchema, initSchema, kubeletSchema } from "./schema.ts";
import type { InitFlags, ParsedInitConfig, RequestedConfig } from "./types.ts";

/**
 * What the user asks for, from a configuration file and flags: checked, and defaulted as far as no fact of the machine
 * is needed. A flag wins over the file, the file over the default. `text` undefined: there is no file. Notes name what
 * was accepted and has no effect here.
 * Raises SLIPWAY_CONFIG_INVALID with every error that was found in `details`, each with its place.
 * Source: kubeadm util/config/initconfiguration.go, apis/kubeadm/validation/validation.go.
 */
export function parseInitConfig(input: {
  readonly text: string | undefined;
  /** Names the file in messages. */
  readonly path?: string | undefined;
  readonly flags?: InitFlags;
}): ParsedInitConfig {
  const { flags = {}, path = "configuration" } = input;
  const file =
    input.text === undefined ? { documents: {}, problems: [], notes: [] } : readDocuments(input.text);
  const fromFile = {
    InitConfiguration: file.documents.InitConfiguration?.value ?? {},
    ClusterConfiguration: file.documents.ClusterConfiguration?.value ?? {},
    KubeletConfiguration: file.documents.KubeletConfiguration?.value ?? {},
  };
  const { values, origins } = overlayFlags(fromFile, flags);
  const { documents, findings } = decodeAll(values);
  const all = [...findings, ...checkDocuments(documents)];
  const lines = selectFirstPerField(all).map((finding) =>
    describeFinding(finding, { path, documents: file.documents, flags: origins }),
  );
  const ignored = flags.ignorePreflightErrors ?? [];
  const config = buildRequested(documents, { ignorePreflightErrors: ignored });
  raiseProblems(
    [...file.problems.map((problem) => `${path}:${problem}`), ...lines, ...describeIgnoreProblem(config)],
    { path: input.path },
  );
  return { config, notes: [...file.notes, ...describeNotes(documents, config)] };
}

function decodeAll(values: Readonly<Record<(typeof DOCUMENT_KINDS)[number], unknown>>): {
  readonly documents: DecodedDocuments;
  readonly findings: readonly FieldFinding[];
} {
  const at = <Kind extends (typeof DOCUMENT_KINDS)[number]>(kind: Kind) => ({ kind, value: values[kind] });
  const init = decodeDocument(initSchema, at("InitConfiguration"));
  const cluster = decodeDocument(clusterSchema, at("ClusterConfiguration"));
  const kubelet = decodeDocument(kubeletSchema, at("KubeletConfiguration"));
  return {
    documents: { init: init.value ?? {}, cluster: cluster.value ?? {}, kubelet: kubelet.value ?? {} },
    findings: [...init.findings, ...cluster.findings, ...kubelet.findings],
  };
}

function checkDocuments(documents: DecodedDocuments): readonly FieldFinding[] {
  const version = resolveKubernetesVersion(documents.cluster.kubernetesVersion ?? "");
  return [
    ...checkPorts(documents),
    ...checkFields({ kind: "InitConfiguration", value: documents.init }),
    ...checkTaints(documents.init),
    ...checkBootstrapTokens(documents.init),
    ...("problem" in version
      ? [{ kind: "ClusterConfiguration" as const, path: ["kubernetesVersion"], message: version.problem }]
      : []),
    ...checkFields({ kind: "ClusterConfiguration", value: documents.cluster }),
    ...checkNetworks(documents),
    ...findUnsupported(documents),
  ];
}

/** Source: kubeadm validation ValidateIgnorePreflightErrors. */
function describeIgnoreProblem(config: RequestedConfig): readonly string[] {
  const names = config.ignorePreflightErrors.map((name) => name.toLowerCase());
  if (!names.includes("all") || names.length === 1) return [];
  return ["--ignore-preflight-errors: all stands for every check; name no others beside it"];
}

function describeNotes(documents: DecodedDocuments, config: RequestedConfig): readonly string[] {
  const { certificateValidityMs, caValidityMs } = config.cluster;
  const unused = Object.keys(isObject(documents.kubelet) ? documents.kubelet : {}).filter(
    (name) => !["apiVersion", "kind", "port", "healthzPort"].includes(name),
  );
  return [
    ...describeIneffective(documents.init),
    ...(unused.length === 0
      ? []
      : [
          `KubeletConfiguration: the runner uses only port and healthzPort; for kubelets that join: ${unused.join(", ")}`,
        ]),
    ...(certificateValidityMs > caValidityMs
      ? [
          "certificateValidityPeriod is longer than caCertificateValidityPeriod: the CA's end ends all certificates",
        ]
      : []),
  ];
}

function raiseProblems(lines: readonly string[], file: { readonly path: string | undefined }): void {
  if (lines.length === 0) return;
  throw new SlipwayError({
    code: "SLIPWAY_CONFIG_INVALID",
    what:
      file.path === undefined
        ? "the configuration is not valid"
        : `the configuration ${file.path} is not valid`,
    why: lines.length === 1 ? "it has one error" : `it has ${lines.length} errors`,
    fix:
      file.path === undefined
        ? "correct the flags named above and run the command again"
        : `correct what is named above, then try: slipway init --dry-run --config ${file.path}`,
    details: lines,
  });
}
