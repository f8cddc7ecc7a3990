import { isObject } from "../core/json.ts";
import { selectNearest } from "../core/nearest.ts";
import { parseYamlDocuments, type TextPosition, type YamlDocument } from "../core/yaml.ts";
import { quote } from "./field-rules.ts";
import { DOCUMENT_KINDS, type DocumentKind } from "./findings.ts";

/** A configuration file taken apart: the documents that we know, and what is wrong or worth knowing about the others. */
export interface ConfigDocuments {
  readonly documents: Partial<Readonly<Record<DocumentKind, YamlDocument>>>;
  /** Those of the documents that are written in v1beta3. */
  readonly old: readonly DocumentKind[];
  /** `LINE:COLUMN: MESSAGE`. */
  readonly problems: readonly string[];
  /** Documents of other programs, which nobody here reads. */
  readonly strangers: readonly string[];
}

const KUBEADM_GROUP = "kubeadm.k8s.io";

/** The version before, which is read too, and the kinds it has. Source: kubeadm v1.36.3 apis/kubeadm/v1beta3/types.go. */
const OLD_VERSION = `${KUBEADM_GROUP}/v1beta3`;
const OLD_KINDS: readonly DocumentKind[] = ["InitConfiguration", "ClusterConfiguration", "JoinConfiguration"];

/** The last kubeadm that reads a version. Source: kubeadm util/config/common.go validateSupportedVersion. */
const DROPPED_VERSIONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    v1alpha1: "v1.11",
    v1alpha2: "v1.12",
    v1alpha3: "v1.14",
    v1beta1: "v1.15",
    v1beta2: "v1.22",
  }),
);

/** The API version that each kind is written in. Source: kubeadm apis/kubeadm/v1beta4; componentconfigs. */
export const API_VERSIONS = {
  InitConfiguration: `${KUBEADM_GROUP}/v1beta4`,
  ClusterConfiguration: `${KUBEADM_GROUP}/v1beta4`,
  JoinConfiguration: `${KUBEADM_GROUP}/v1beta4`,
  ResetConfiguration: `${KUBEADM_GROUP}/v1beta4`,
  UpgradeConfiguration: `${KUBEADM_GROUP}/v1beta4`,
  KubeletConfiguration: "kubelet.config.k8s.io/v1beta1",
  KubeProxyConfiguration: "kubeproxy.config.k8s.io/v1alpha1",
  /** Ours; kubeadm warns of it and goes on. Source: kubeadm util/config/initconfiguration.go. */
  SlipwayConfiguration: "slipway.dev/v1",
} as const satisfies Record<DocumentKind, string>;

/** Takes the documents of a configuration file apart by their kind; empty ones are skipped. */
export function readDocuments(text: string): ConfigDocuments {
  const documents: Partial<Record<DocumentKind, YamlDocument>> = {};
  const old: DocumentKind[] = [];
  const problems: string[] = [];
  const strangers: string[] = [];
  for (const document of parseYamlDocuments(text)) {
    problems.push(...document.problems.map((problem) => formatProblem(problem, problem.message)));
    if (document.problems.length > 0 || document.value === null || document.value === undefined) continue;
    const judged = judgeDocument(document.value);
    if ("stranger" in judged) {
      strangers.push(formatProblem(document.start, judged.stranger));
    } else if ("problem" in judged) {
      problems.push(formatProblem(document.locate([judged.field]), judged.problem));
    } else if (documents[judged.kind] !== undefined) {
      problems.push(formatProblem(document.start, `a second ${judged.kind}; the file may have one`));
    } else {
      documents[judged.kind] = document;
      if (judged.isOld) old.push(judged.kind);
    }
  }
  return { documents, old, problems, strangers };
}

function formatProblem(position: TextPosition, message: string): string {
  return `${position.line}:${position.column}: ${message}`;
}

type Judgement =
  | { readonly kind: DocumentKind; readonly isOld: boolean }
  | { readonly stranger: string }
  | { readonly problem: string; readonly field: "apiVersion" | "kind" };

function judgeDocument(value: unknown): Judgement {
  if (!isObject(value))
    return { problem: "this is not a Kubernetes object with apiVersion and kind", field: "kind" };
  const { apiVersion, kind } = value;
  if (typeof apiVersion !== "string" || apiVersion === "") {
    return {
      problem: `apiVersion is missing; write apiVersion: ${KUBEADM_GROUP}/v1beta4`,
      field: "apiVersion",
    };
  }
  if (typeof kind !== "string" || kind === "") return { problem: "kind is missing", field: "kind" };
  const known = DOCUMENT_KINDS.find((name) => name === kind && sameGroup(API_VERSIONS[name], apiVersion));
  if (known !== undefined) return judgeVersion(known, apiVersion);
  const ours = DOCUMENT_KINDS.filter((name) => sameGroup(API_VERSIONS[name], apiVersion));
  if (ours.length === 0) return { stranger: `no program of kubeadm's reads a ${kind} (${apiVersion})` };
  const nearest = selectNearest(kind, ours);
  const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  return { problem: `there is no kind ${quote(kind)} in ${apiVersion}${hint}`, field: "kind" };
}

function judgeVersion(kind: DocumentKind, apiVersion: string): Judgement {
  const wanted = API_VERSIONS[kind];
  if (apiVersion === wanted) return { kind, isOld: false };
  if (apiVersion === OLD_VERSION && OLD_KINDS.includes(kind)) return { kind, isOld: true };
  const lastReader = DROPPED_VERSIONS.get(apiVersion.split("/")[1] ?? "");
  const migrate =
    lastReader === undefined || !sameGroup(apiVersion, KUBEADM_GROUP)
      ? ""
      : `, or convert the file with kubeadm config migrate of ${lastReader}`;
  return {
    problem: `${kind} is not read in version ${quote(apiVersion)}; write ${wanted}${migrate}`,
    field: "apiVersion",
  };
}

function sameGroup(left: string, right: string): boolean {
  return left.split("/")[0] === right.split("/")[0];
}
