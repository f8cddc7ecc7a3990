import { isObject } from "../core/json.ts";
import { selectNearest } from "../core/nearest.ts";
import { parseYamlDocuments, type TextPosition, type YamlDocument } from "../core/yaml.ts";
import { quote } from "./field-rules.ts";
import { DOCUMENT_KINDS, type DocumentKind } from "./findings.ts";

/** A configuration file taken apart: the documents that we read, and what is wrong or worth knowing about the others. */
export interface ConfigDocuments {
  readonly documents: Partial<Readonly<Record<DocumentKind, YamlDocument>>>;
  /** `LINE:COLUMN: MESSAGE`. */
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

const KUBEADM_GROUP = "kubeadm.k8s.io";

/** Other kinds of kubeadm's, which say nothing about init. */
const OTHER_KUBEADM_KINDS = ["JoinConfiguration", "ResetConfiguration", "UpgradeConfiguration"];

/** The last kubeadm that reads a version. Source: kubeadm util/config/common.go validateSupportedVersion. */
const OLD_VERSIONS: Readonly<Record<string, string>> = {
  v1alpha1: "v1.11",
  v1alpha2: "v1.12",
  v1alpha3: "v1.14",
  v1beta1: "v1.15",
  v1beta2: "v1.22",
  v1beta3: "v1.36",
};

/** The API version that each kind is read in. Source: kubeadm apis/kubeadm/v1beta4; componentconfigs/kubelet.go. */
const API_VERSIONS = {
  InitConfiguration: "kubeadm.k8s.io/v1beta4",
  ClusterConfiguration: "kubeadm.k8s.io/v1beta4",
  KubeletConfiguration: "kubelet.config.k8s.io/v1beta1",
} as const satisfies Record<DocumentKind, string>;

/** Takes the documents of a configuration file apart by their kind; empty ones are skipped. */
export function readDocuments(text: string): ConfigDocuments {
  const documents: Partial<Record<DocumentKind, YamlDocument>> = {};
  const problems: string[] = [];
  const notes: string[] = [];
  for (const document of parseYamlDocuments(text)) {
    problems.push(...document.problems.map((problem) => formatProblem(problem, problem.message)));
    if (document.problems.length > 0 || document.value === null || document.value === undefined) continue;
    const judged = judgeDocument(document.value);
    if ("note" in judged) notes.push(judged.note);
    else if ("problem" in judged) {
      problems.push(formatProblem(document.locate([judged.field]), judged.problem));
    } else if (documents[judged.kind] !== undefined) {
      problems.push(formatProblem(document.start, `a second ${judged.kind}; the file may have one`));
    } else documents[judged.kind] = document;
  }
  const hasConfig = documents.InitConfiguration ?? documents.ClusterConfiguration;
  if (hasConfig === undefined && problems.length === 0) {
    problems.push("1:1: there is no InitConfiguration and no ClusterConfiguration in the file");
  }
  return { documents, problems, notes };
}

function formatProblem(position: TextPosition, message: string): string {
  return `${position.line}:${position.column}: ${message}`;
}

type Judgement =
  | { readonly kind: DocumentKind }
  | { readonly note: string }
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
  if (kind === "KubeProxyConfiguration") return { note: `${kind} has no effect: no kube-proxy runs here` };
  if (!sameGroup(apiVersion, KUBEADM_GROUP) || OTHER_KUBEADM_KINDS.includes(kind)) {
    return { note: `the document of kind ${kind} (${apiVersion}) says nothing about init and was not read` };
  }
  const nearest = selectNearest(kind, DOCUMENT_KINDS);
  const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  return { problem: `there is no kind ${quote(kind)} in ${apiVersion}${hint}`, field: "kind" };
}

function judgeVersion(kind: DocumentKind, apiVersion: string): Judgement {
  const wanted = API_VERSIONS[kind];
  if (apiVersion === wanted) return { kind };
  const lastReader = OLD_VERSIONS[apiVersion.split("/")[1] ?? ""];
  const migrate =
    lastReader === undefined || !sameGroup(apiVersion, KUBEADM_GROUP)
      ? ""
      : `, or convert the file with kubeadm config migrate of ${lastReader} or older`;
  return {
    problem: `${kind} is not read in version ${quote(apiVersion)}; write ${wanted}${migrate}`,
    field: "apiVersion",
  };
}

function sameGroup(left: string, right: string): boolean {
  return left.split("/")[0] === right.split("/")[0];
}
