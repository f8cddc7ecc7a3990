import type { InitConfig } from "../config/types.ts";
import { describeFileError, messageOf, SlipwayError } from "../core/errors.ts";
import { isObject } from "../core/json.ts";
import type { TlsOptions } from "../system/net.ts";
import type { System } from "../system/system.ts";

/** What an etcd of others said of itself. */
export interface ExternalEtcdFact {
  readonly url: string;
  /** `3.7.0`; undefined when there is a problem. */
  readonly version: string | undefined;
  readonly problem: string | undefined;
}

/** The etcd of others as this machine sees it. */
export interface ExternalEtcdFacts {
  /** Files of the configuration that cannot be read, with the reason. */
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
  readonly endpoints: readonly ExternalEtcdFact[];
}

/** Source: kubeadm app/preflight externalEtcdRequestTimeout; an init that may be run again does not try again itself. */
const TIMEOUT_MS = 10_000;

/** Asks each HTTP endpoint for its version, with the client certificate of the configuration. Never rejects. */
export async function readExternalEtcd(
  system: System,
  external: InitConfig["cluster"]["externalEtcd"],
): Promise<ExternalEtcdFacts> {
  if (external === undefined) return { unreadable: [], endpoints: [] };
  const { caFile, certFile, keyFile, httpEndpoints } = external;
  const unreadable: { path: string; reason: string }[] = [];
  const read = async (path: string): Promise<string> => {
    try {
      return path === "" ? "" : await system.fs.readText(path);
    } catch (error) {
      const told = describeFileError(error, { action: "read", path });
      unreadable.push({ path, reason: told instanceof SlipwayError ? told.why : messageOf(told) });
      return "";
    }
  };
  const [ca, cert, key] = await Promise.all([read(caFile), read(certFile), read(keyFile)]);
  if (unreadable.length > 0) return { unreadable, endpoints: [] };
  const tls = { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
  return {
    unreadable,
    endpoints: await Promise.all(httpEndpoints.map((url) => askVersion(system, { url, tls }))),
  };
}

async function askVersion(
  system: System,
  { url, tls }: { readonly url: string; readonly tls: TlsOptions },
): Promise<ExternalEtcdFact> {
  const fail = (problem: string): ExternalEtcdFact => ({ url, version: undefined, problem });
  try {
    const { status, body } = await system.net.request({
      url: `${url.replace(/\/$/, "")}/version`,
      tls,
      timeoutMs: TIMEOUT_MS,
    });
    if (status !== 200) return fail(`it answered with status ${status}`);
    const answer: unknown = JSON.parse(body.toString("utf8"));
    const version = isObject(answer) ? answer["etcdserver"] : undefined;
    if (typeof version !== "string") return fail("what answered there is no etcd");
    return { url, version, problem: undefined };
  } catch (error) {
    return fail(messageOf(error));
  }
}
