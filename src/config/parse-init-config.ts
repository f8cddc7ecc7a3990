import { SlipwayError } from "../core/errors.ts";
import { checkBootstrapTokens } from "./bootstrap-tokens.ts";
import { buildRequested, type DecodedDocuments } from "./build-requested.ts";
import { checkEtcd } from "./check-etcd.ts";
import { checkFields } from "./check-fields.ts";
import { checkIgnoredErrors } from "./check-ignored-errors.ts";
import { checkNetworks } from "./check-networks.ts";
import { checkPorts } from "./check-ports.ts";
import { checkTaints } from "./check-taints.ts";
import { COMPONENT_TREES, type ComponentFields, componentSchema } from "./component-document.ts";
import { decodeDocument } from "./decode-document.ts";
import { describeIneffective, findUnsupported } from "./find-unsupported.ts";
import { describeFinding, type FieldFinding, selectFirstPerField, sortByPlace } from "./findings.ts";
import { checkNodeFlags, describeKubeletOnly } from "./node-flags.ts";
import { OLD_FORM } from "./old-form.ts";
import { overlayFlags } from "./overlay-flags.ts";
import { describeCheckName } from "./preflight-names.ts";
import { type ConfigDocuments, readDocuments } from "./read-documents.ts";
import { resolveKubernetesVersion } from "./resolve-kubernetes-version.ts";
import { clusterSchema, initSchema, slipwaySchema } from "./schema.ts";
import type { InitFlags, ParsedInitConfig, RequestedConfig } from "./types.ts";
import { type DocumentValues, upgradeDocuments } from "./upgrade-documents.ts";

const NO_FILE: ConfigDocuments = { documents: {}, old: [], problems: [], strangers: [] };

/** A configuration file and flags. */
export interface ConfigSource {
  /** Undefined: there is no file. */
  readonly text: string | undefined;
  /** Names the file in messages. */
  readonly path?: string | undefined;
  readonly flags?: InitFlags;
}

/**
 * What the user asks for, from a configuration file and flags: checked, and defaulted as far as no fact of the machine
 * is needed. A flag wins over the file, the file over the default. Notes name what was accepted and has no effect here.
 * Raises SLIPWAY_CONFIG_INVALID with every error that was found in `details`, each with its place.
 * Source: kubeadm util/config/initconfiguration.go, apis/kubeadm/validation/validation.go.
 */
export function parseInitConfig(source: ConfigSource): ParsedInitConfig {
  const { problems, ...parsed } = inspectInitConfig(source);
  raiseConfigProblems(problems, { path: source.path });
  return parsed;
}

/** The same without raising; what is wrong has fallen back to its default. */
export function inspectInitConfig(
  source: ConfigSource,
  file: ConfigDocuments = source.text === undefined ? NO_FILE : readDocuments(source.text),
): ParsedInitConfig & { readonly problems: readonly string[] } {
  const { flags = {}, path = "configuration" } = source;
  const upgraded = upgradeDocuments(valuesOf(file), file.old);
  const { values, origins } = overlayFlags(upgraded.values, flags);
  const { documents, findings } = decodeAll(values);
  const lines = selectFirstPerField([...upgraded.findings, ...findings, ...checkDocuments(documents)]).map(
    (finding) => describeFinding(finding, { path, documents: file.documents, flags: origins }),
  );
  const ignored = flags.ignorePreflightErrors ?? [];
  const config = buildRequested(documents, { ignorePreflightErrors: ignored });
  return {
    config,
    dryRun: documents.init.dryRun ?? false,
    notes: [...describeUnread(file, path), ...describeNotes(documents, config)],
    problems: [
      ...file.problems.map((problem) => `${path}:${problem}`),
      ...(source.text === undefined ? [] : describeMissing(file, path)),
      ...lines,
      ...describeIgnoreProblem(config, ignored),
    ],
  };
}

/** The documents' values. */
export function valuesOf(file: ConfigDocuments): DocumentValues {
  return Object.fromEntries(
    Object.entries(file.documents).map(([kind, document]) => [kind, document?.value ?? {}]),
  );
}

function decodeAll(values: DocumentValues): {
  readonly documents: DecodedDocuments;
  readonly findings: readonly FieldFinding[];
} {
  const init = decodeDocument(initSchema, {
    kind: "InitConfiguration",
    value: values.InitConfiguration ?? {},
  });
  const cluster = decodeDocument(clusterSchema, {
    kind: "ClusterConfiguration",
    value: values.ClusterConfiguration ?? {},
  });
  const slipway = decodeDocument(slipwaySchema, {
    kind: "SlipwayConfiguration",
    value: values.SlipwayConfiguration ?? {},
  });
  const kubelet = decodeComponent("KubeletConfiguration", values);
  const kubeProxy = decodeComponent("KubeProxyConfiguration", values);
  return {
    documents: {
      init: init.value ?? {},
      cluster: cluster.value ?? {},
      kubelet: kubelet.value,
      kubeProxy: kubeProxy.value,
      slipway: slipway.value ?? {},
    },
    findings: [init, cluster, kubelet, kubeProxy, slipway].flatMap((decoded) => decoded.findings),
  };
}

/** The schemas of the components are large, so one is built only for a document that is there. */
function decodeComponent(
  kind: keyof typeof COMPONENT_TREES,
  values: DocumentValues,
): { readonly value: ComponentFields; readonly findings: readonly FieldFinding[] } {
  const value = values[kind];
  if (value === undefined) return { value: {}, findings: [] };
  const decoded = decodeDocument(componentSchema(COMPONENT_TREES[kind]), { kind, value });
  return { value: decoded.value ?? {}, findings: decoded.findings };
}

function checkDocuments(documents: DecodedDocuments): readonly FieldFinding[] {
  const version = resolveKubernetesVersion(documents.cluster.kubernetesVersion ?? "");
  return [
    ...checkPorts(documents),
    ...checkFields({ kind: "InitConfiguration", value: documents.init }),
    ...checkTaints(documents.init),
    ...checkNodeFlags(documents.init),
    ...checkIgnoredErrors(documents.init),
    ...checkBootstrapTokens(documents.init),
    ...("problem" in version
      ? [{ kind: "ClusterConfiguration" as const, path: ["kubernetesVersion"], message: version.problem }]
      : []),
    ...checkFields({ kind: "ClusterConfiguration", value: documents.cluster }),
    ...checkFields({ kind: "SlipwayConfiguration", value: documents.slipway }),
    ...checkEtcd(documents.cluster),
    ...checkNetworks(documents),
    ...findUnsupported(documents),
  ];
}

function describeMissing({ documents, problems }: ConfigDocuments, path: string): readonly string[] {
  const found = documents.InitConfiguration ?? documents.ClusterConfiguration;
  if (found !== undefined || problems.length > 0) return [];
  return [`${path}:1:1: there is no InitConfiguration and no ClusterConfiguration in the file`];
}

/** Source: kubeadm validation ValidateIgnorePreflightErrors. */
function describeIgnoreProblem(config: RequestedConfig, flagNames: readonly string[]): readonly string[] {
  const unknown = flagNames.map(describeCheckName).filter((problem) => problem !== undefined);
  if (unknown.length > 0) return unknown.map((problem) => `--ignore-preflight-errors: ${problem}`);
  const names = config.ignorePreflightErrors.map((name) => name.toLowerCase());
  if (!names.includes("all") || names.length === 1) return [];
  return ["--ignore-preflight-errors: all stands for every check; name no others beside it"];
}

function describeUnread({ documents, strangers }: ConfigDocuments, path: string): readonly string[] {
  const others = (["JoinConfiguration", "ResetConfiguration", "UpgradeConfiguration"] as const).filter(
    (kind) => documents[kind] !== undefined,
  );
  return [
    ...others.map((kind) => `the ${kind} says nothing about init and was not read`),
    ...strangers.map((stranger) => `${path}:${stranger}; it was not read`),
  ];
}

function describeNotes(documents: DecodedDocuments, config: RequestedConfig): readonly string[] {
  const { certificateValidityMs, caValidityMs } = config.cluster;
  return [
    ...describeIneffective(documents.init),
    ...describeKubeletOnly(documents.init),
    ...(certificateValidityMs > caValidityMs
      ? [
          "certificateValidityPeriod is longer than caCertificateValidityPeriod: the CA's end ends all certificates",
        ]
      : []),
  ];
}

/** Raises SLIPWAY_CONFIG_INVALID with these lines in the order of the file, if there are any. */
export function raiseConfigProblems(
  lines: readonly string[],
  file: { readonly path: string | undefined },
): void {
  if (lines.length === 0) return;
  throw new SlipwayError({
    code: "SLIPWAY_CONFIG_INVALID",
    what:
      file.path === undefined
        ? "the configuration is not valid"
        : `the configuration ${file.path} is not valid`,
    why: lines.length === 1 ? "it has one error" : `it has ${lines.length} errors`,
    fix: describeFix(lines, file.path),
    details: file.path === undefined ? lines : sortByPlace(lines, file.path),
  });
}

function describeFix(lines: readonly string[], path: string | undefined): string {
  if (path === undefined) return "correct the flags named above and run the command again";
  if (lines.some((line) => line.includes(OLD_FORM)))
    return `correct what is named above; or, where the whole file is of v1beta3, write that version in it and run: slipway config migrate --old-config ${path}`;
  return `correct what is named above, then try: slipway config validate --config ${path}`;
}
