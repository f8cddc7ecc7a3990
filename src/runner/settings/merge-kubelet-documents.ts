import { dirname, resolve } from "node:path";
import { isObject } from "../../core/json.ts";
import { parseYamlDocuments } from "../../core/yaml.ts";

/** A configuration file's text. */
export interface KubeletFile {
  readonly path: string;
  readonly text: string;
  /** A file of the drop-in directory: it needs apiVersion and kind, and its relative paths stay as written. */
  readonly isDropIn: boolean;
}

/** The value of a KubeletConfiguration, or what is wrong with its files. */
export interface MergedKubelet {
  readonly value: Readonly<Record<string, unknown>>;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

const API_VERSION = "kubelet.config.k8s.io/v1beta1";

/** Fields with a path. Source: kubelet cmd/kubelet/app/options KubeletConfigurationPathRefs. */
const PATHS: readonly (readonly string[])[] = [
  ["staticPodPath"],
  ["podLogsDir"],
  ["tlsCertFile"],
  ["tlsPrivateKeyFile"],
  ["authentication", "x509", "clientCAFile"],
];

/**
 * A configuration file and its drop-ins as one value: groups merge, lists replace, null removes. A relative path belongs
 * to the directory of the file, save in a drop-in. A file that names no kind is read with a warning.
 * Source: cmd/kubelet/app/server.go mergeKubeletConfigurations; kubeletconfig/configfiles; RFC 7386.
 */
export function mergeKubeletDocuments(files: readonly KubeletFile[]): MergedKubelet {
  const errors: string[] = [];
  const warnings: string[] = [];
  let value: Readonly<Record<string, unknown>> = {};
  for (const file of files) {
    const read = readDocument(file);
    errors.push(...read.errors);
    warnings.push(...read.warnings);
    value = mergePatch(value, file.isDropIn ? read.value : withAbsolutePaths(read.value, dirname(file.path)));
  }
  return { value, errors, warnings };
}

function readDocument({ path, text, isDropIn }: KubeletFile): MergedKubelet {
  const nothing = { value: {}, errors: [], warnings: [] };
  const [document] = parseYamlDocuments(text, { duplicateKeys: "last" });
  const lines = (document?.problems ?? []).map(
    ({ line, column, message }) => `${path}:${line}:${column}: ${message}`,
  );
  if (document === undefined || lines.length > 0) return { ...nothing, errors: lines };
  const value = document.value ?? {};
  if (!isObject(value)) return { ...nothing, errors: [`${path}: it is no group of fields`] };
  const { apiVersion, kind } = value;
  if (kind === undefined && apiVersion === undefined && !isDropIn) {
    const warning = `${path} has no apiVersion and kind; it is read as ${API_VERSION} KubeletConfiguration`;
    return { value, errors: [], warnings: [warning] };
  }
  if (kind === "KubeletConfiguration" && apiVersion === API_VERSION) return { ...nothing, value };
  const found = `${String(apiVersion)} ${String(kind)}`;
  const place = document.locate(["kind"]);
  return {
    ...nothing,
    errors: [
      `${path}:${place.line}:${place.column}: it has to be ${API_VERSION} KubeletConfiguration, not ${found}`,
    ],
  };
}

/** Source: RFC 7386, section 2. */
function mergePatch(
  target: Readonly<Record<string, unknown>>,
  patch: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const merged: Record<string, unknown> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    const before = merged[key];
    if (value === null) delete merged[key];
    else merged[key] = isObject(value) ? mergePatch(isObject(before) ? before : {}, value) : value;
  }
  return merged;
}

function withAbsolutePaths(
  value: Readonly<Record<string, unknown>>,
  dir: string,
): Readonly<Record<string, unknown>> {
  return PATHS.reduce((current, path) => changeText(current, path, (text) => resolve(dir, text)), value);
}

function changeText(
  value: Readonly<Record<string, unknown>>,
  [head = "", ...rest]: readonly string[],
  change: (text: string) => string,
): Readonly<Record<string, unknown>> {
  const inner = value[head];
  if (rest.length === 0)
    return typeof inner === "string" && inner !== "" ? { ...value, [head]: change(inner) } : value;
  return isObject(inner) ? { ...value, [head]: changeText(inner, rest, change) } : value;
}
