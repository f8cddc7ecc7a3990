import { SlipwayError } from "../../core/errors.ts";
import { parseYamlDocuments } from "../../core/yaml.ts";

/** What can be patched. Source: kubeadm util/patches/patches.go knownTargets. */
const PATCH_TARGETS = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubeletconfiguration",
  "corednsdeployment",
  "kubeproxydaemonset",
] as const;

export type PatchTarget = (typeof PATCH_TARGETS)[number];

export type PatchType = "strategic" | "merge" | "json";

/** One document of a patch file. */
export interface Patch {
  readonly target: PatchTarget;
  readonly type: PatchType;
  readonly value: unknown;
  /** The file, for messages. */
  readonly path: string;
}

/** A file of the patch directory. */
export interface PatchFile {
  /** Its last part says what is patched: `TARGET[SUFFIX][+TYPE].(json|yaml)`. */
  readonly path: string;
  readonly text: string;
}

const NAME = new RegExp(`^(${PATCH_TARGETS.join("|")})[^.+\\n]*(\\+)?(json|merge|strategic)?`);

/**
 * The patches of a file; a note in place of them for a file that is none. A type after `+` that does not exist and
 * text that is no YAML raise SLIPWAY_PATCH_INVALID. Source: kubeadm util/patches/patches.go parseFilename.
 */
export function parsePatchFile(file: PatchFile): {
  readonly patches: readonly Patch[];
  readonly note?: string;
} {
  const name = file.path.split("/").at(-1) ?? "";
  if (!/.+\.(?:json|yaml)$/.test(name)) return skip(file, "its name ends in neither .json nor .yaml");
  const match = NAME.exec(name);
  const target = PATCH_TARGETS.find((known) => known === match?.[1]);
  if (match === null || target === undefined) {
    return skip(file, `its name begins with none of ${PATCH_TARGETS.join(", ")}`);
  }
  if (match[2] !== undefined && match[3] === undefined) {
    throw describePatchFault(file, {
      why: "after the + in its name comes none of json, merge, strategic",
      fix: `name it like ${target}0+merge.yaml`,
    });
  }
  const type = (["json", "merge"] as const).find((known) => known === match[3]) ?? "strategic";
  const documents = parseYamlDocuments(file.text);
  const problem = documents.flatMap(({ problems }) => problems)[0];
  if (problem !== undefined) {
    throw describePatchFault(file, {
      why: `line ${problem.line}: ${problem.message}`,
      fix: "correct the file",
    });
  }
  const values = documents.map(({ value }) => value).filter((value) => value !== null && value !== undefined);
  if (values.length === 0) return skip(file, "it is empty");
  return { patches: values.map((value) => ({ target, type, value, path: file.path })) };
}

function skip(file: PatchFile, why: string): { readonly patches: readonly []; readonly note: string } {
  return { patches: [], note: `the patch file ${file.path} is not used: ${why}` };
}

/** SLIPWAY_PATCH_INVALID for a file. */
export function describePatchFault(
  file: { readonly path: string },
  fault: { readonly why: string; readonly fix: string },
): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_PATCH_INVALID",
    what: `the patch ${file.path} cannot be used`,
    ...fault,
  });
}
