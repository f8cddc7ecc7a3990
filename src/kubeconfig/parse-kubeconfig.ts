import { dirname, resolve } from "node:path";
import { isObject } from "../core/json.ts";
import { parseYamlDocuments } from "../core/yaml.ts";
import { describeKubeconfigFault } from "./describe-kubeconfig-fault.ts";
import type { KubeconfigCredentials } from "./types.ts";

/** A kubeconfig's text, and the path it was read from. */
export interface KubeconfigSource {
  readonly text: string;
  readonly path: string;
  /** The files of `listKubeconfigFiles` that could be read, by path. Needed only for credentials that are not embedded. */
  readonly files?: ReadonlyMap<string, string>;
}

/**
 * Server, trust and client certificate of the current context. Embedded data wins over a file.
 * Raises SLIPWAY_KUBECONFIG_INVALID, naming the part that is missing or wrong.
 * Source: client-go tools/clientcmd/api/v1 Config.
 */
export function parseKubeconfig(source: KubeconfigSource): KubeconfigCredentials {
  const { cluster, user } = selectCurrent(source);
  const server = cluster["server"];
  if (typeof server !== "string" || server === "") throw fault(source, "its cluster has no server");
  return {
    server,
    ca: readPem(source, { part: cluster, key: "certificate-authority" }),
    cert: readPem(source, { part: user, key: "client-certificate" }),
    key: readPem(source, { part: user, key: "client-key" }),
  };
}

/**
 * The files that hold credentials of the current context which are not embedded, absolute; relative ones count from
 * the kubeconfig's directory. Raises SLIPWAY_KUBECONFIG_INVALID as `parseKubeconfig` does.
 * Source: client-go tools/clientcmd RelativizeClusterLocalPaths.
 */
export function listKubeconfigFiles(source: KubeconfigSource): readonly string[] {
  const { cluster, user } = selectCurrent(source);
  const paths = [
    filePath(source, { part: cluster, key: "certificate-authority" }),
    filePath(source, { part: user, key: "client-certificate" }),
    filePath(source, { part: user, key: "client-key" }),
  ];
  return [...new Set(paths.filter((path) => path !== undefined))];
}

type Fields = Readonly<Record<string, unknown>>;

/** One of the parts whose value is embedded under `<key>-data` or lies in the file named under `<key>`. */
interface CredentialField {
  readonly part: Fields;
  readonly key: "certificate-authority" | "client-certificate" | "client-key";
}

function selectCurrent(source: KubeconfigSource): { readonly cluster: Fields; readonly user: Fields } {
  const config = parseConfig(source);
  const current = config["current-context"];
  if (typeof current !== "string" || current === "") throw fault(source, "it has no current-context");
  const context = selectNamed(source, { config, list: "contexts", field: "context", name: current });
  const select = (list: "clusters" | "users", field: "cluster" | "user"): Fields =>
    selectNamed(source, { config, list, field, name: context[field] });
  return { cluster: select("clusters", "cluster"), user: select("users", "user") };
}

function parseConfig(source: KubeconfigSource): Fields {
  const [document] = parseYamlDocuments(source.text);
  const problem = document?.problems[0];
  if (problem !== undefined) throw fault(source, `line ${problem.line} is not YAML`);
  if (!isObject(document?.value)) throw fault(source, "it is not a YAML mapping");
  return document.value;
}

function selectNamed(
  source: KubeconfigSource,
  wanted: { readonly config: Fields; readonly list: string; readonly field: string; readonly name: unknown },
): Fields {
  const entries: unknown = wanted.config[wanted.list];
  const entry = Array.isArray(entries)
    ? entries.filter(isObject).find((candidate) => candidate["name"] === wanted.name)
    : undefined;
  const value = entry?.[wanted.field];
  if (isObject(value)) return value;
  throw fault(
    source,
    `its current context needs the ${wanted.field} ${JSON.stringify(wanted.name ?? "")}, which is not there`,
  );
}

const PEM_START = "-----BEGIN ";

function readPem(source: KubeconfigSource, field: CredentialField): string {
  const data = field.part[`${field.key}-data`];
  const path = filePath(source, field);
  if (path === undefined && (typeof data !== "string" || data === ""))
    throw fault(source, `it has no ${field.key}-data`);
  const pem =
    path === undefined ? Buffer.from(String(data), "base64").toString("utf8") : source.files?.get(path);
  if (pem === undefined) throw fault(source, `the file ${path} named by its ${field.key} was not read`);
  if (!pem.includes(PEM_START)) throw fault(source, `its ${field.key} is not PEM text`);
  return pem;
}

function filePath(source: KubeconfigSource, { part, key }: CredentialField): string | undefined {
  const data = part[`${key}-data`];
  const path = part[key];
  if ((typeof data === "string" && data !== "") || typeof path !== "string" || path === "") return undefined;
  return resolve(dirname(source.path), path);
}

function fault(source: KubeconfigSource, why: string): Error {
  return describeKubeconfigFault({ path: source.path, why });
}
