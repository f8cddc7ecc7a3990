import { createRefusal, isSuccess, readReason } from "../api/describe-response.ts";
import { listTokens, TOKEN_SECRETS_PATH } from "../api/list-tokens.ts";
import {
  type BootstrapToken,
  buildTokenSecret,
  generateToken,
  readTokenId,
  tokenSecretName,
} from "../api/objects/bootstrap-token.ts";
import type { ApiClient } from "../api/types.ts";
import { describeTokenUse, isBootstrapToken, TOKEN_DEFAULTS } from "../config/bootstrap-tokens.ts";
import { parseInitConfig } from "../config/parse-init-config.ts";
import type { BootstrapTokenSettings } from "../config/types.ts";
import { parseDurationMs } from "../core/duration.ts";
import { SlipwayError } from "../core/errors.ts";
import { listJoinWords } from "../kubeconfig/format-join-command.ts";
import type { System } from "../system/system.ts";
import { withCluster } from "./open-cluster.ts";
import { readConfig } from "./read-config.ts";

/** Which cluster, and who asks it. */
export interface ClusterChoice {
  readonly root: string;
  readonly kubeconfigPath: string | undefined;
}

/** A whole cluster answers well within this. */
const TIMEOUT_MS = 10_000;

/** What `token create` says of the token to make. */
export interface TokenRequest {
  readonly token: string | undefined;
  readonly ttl: string | undefined;
  readonly description: string | undefined;
  readonly usages: readonly string[] | undefined;
  readonly groups: readonly string[] | undefined;
  readonly certificateKey: string | undefined;
  /** Make nothing. */
  readonly dryRun: boolean;
}

/** A token that was made, and the command that nodes join with. Both are secrets. */
export interface CreatedToken {
  readonly token: string;
  readonly joinCommand: string;
  /** Add-ons that joining nodes need and the cluster does not have. */
  readonly missingAddons: readonly string[];
}

/**
 * Makes a bootstrap token, and all of a configuration file's when one is named: the flags win over its first, which is
 * the one that is given. Raises SLIPWAY_USAGE for what cannot be one, SLIPWAY_API_REQUEST when its id is taken,
 * SLIPWAY_CONFIG_UNREADABLE and SLIPWAY_CONFIG_INVALID. Source: kubeadm cmd/token.go RunCreateToken.
 */
export async function runTokenCreate(
  system: System,
  options: ClusterChoice & { readonly request: TokenRequest; readonly configPath?: string | undefined },
): Promise<CreatedToken> {
  const { request } = options;
  const [first, ...others] = await readTokens(system, options.configPath);
  const settings = readSettings(request, first);
  const token = request.token ?? first?.token ?? generateToken(system.random);
  return withCluster(system, {
    ...options,
    work: async ({ client, credentials }) => {
      for (const wanted of request.dryRun ? [] : [{ ...settings, token }, ...others]) {
        const text = wanted.token ?? generateToken(system.random);
        const object = buildTokenSecret(text, { settings: wanted, nowMs: system.clock.nowMs() });
        await createSecret(client, { object, id: text.slice(0, 6) });
      }
      const { certificateKey } = request;
      const joinCommand = listJoinWords({
        server: credentials.server,
        caPem: credentials.ca,
        token,
        ...(certificateKey === undefined ? {} : { controlPlane: { key: certificateKey } }),
      }).join(" ");
      return { token, joinCommand, missingAddons: await findMissingAddons(client) };
    },
  });
}

/** The cluster's bootstrap tokens, as they come. */
export function runTokenList(system: System, options: ClusterChoice): Promise<readonly BootstrapToken[]> {
  return withCluster(system, {
    ...options,
    work: ({ client }) => listTokens(system, { client, timeoutMs: TIMEOUT_MS }),
  });
}

/**
 * Deletes tokens, by id or whole; gives the ids. Raises SLIPWAY_USAGE before anything is deleted, and SLIPWAY_API_REQUEST,
 * which names those that were deleted before.
 */
export function runTokenDelete(
  system: System,
  options: ClusterChoice & { readonly tokens: readonly string[]; readonly dryRun: boolean },
): Promise<readonly string[]> {
  const ids = options.tokens.map(
    (text) => readTokenId(text) ?? refuse("the token to delete", { why: NO_ID, fix: LIST }),
  );
  return withCluster(system, {
    ...options,
    work: ({ client }) => deleteTokens(system, { client, ids, dryRun: options.dryRun }),
  });
}

/** One after the other; gives the ids. Raises SLIPWAY_API_REQUEST at the first that cannot be deleted. */
export async function deleteTokens(
  system: Pick<System, "clock">,
  options: { readonly client: ApiClient; readonly ids: readonly string[]; readonly dryRun: boolean },
): Promise<readonly string[]> {
  const { ids, dryRun } = options;
  for (const [index, id] of ids.entries())
    await deleteToken(system, { ...options, id, deleted: dryRun ? [] : ids.slice(0, index) });
  return ids;
}

async function deleteToken(
  system: Pick<System, "clock">,
  options: {
    readonly client: ApiClient;
    readonly id: string;
    readonly dryRun: boolean;
    /** Those before this one. */
    readonly deleted: readonly string[];
  },
): Promise<void> {
  const { client, id, dryRun, deleted } = options;
  const path = `${TOKEN_SECRETS_PATH}/${tokenSecretName(id)}`;
  try {
    const response = await client.request({
      method: dryRun ? "GET" : "DELETE",
      path,
      timeoutMs: TIMEOUT_MS,
    });
    if (response.status === 404) throw await missingToken(system, { client, id });
    if (!isSuccess(response)) throw createRefusal(`delete the bootstrap token ${id}`, response);
  } catch (error) {
    if (!(error instanceof SlipwayError) || deleted.length === 0) throw error;
    const { code, what, why, fix, details, cause } = error;
    throw new SlipwayError({
      ...{ code, what, fix, details, cause },
      why: `${why}; deleted before it: ${deleted.join(", ")}`,
    });
  }
}

const NO_ID = "it is neither an id of 6 lower-case letters and digits nor a whole token";
const LIST = "the id is what stands before the dot; to see the tokens: slipway token list";
const NO_TOKEN = "it is not 6 and 16 lower-case letters and digits with a dot between";
const HELP = "to see the flags: slipway token create --help";
const GENERATE = "leave it out and take a random one, or name one that slipway token generate has printed";

/** Ids are no secrets. */
async function missingToken(
  system: Pick<System, "clock">,
  { client, id }: { readonly client: ApiClient; readonly id: string },
): Promise<SlipwayError> {
  const known = (await listTokens(system, { client, timeoutMs: TIMEOUT_MS })).map((token) => token.id);
  return new SlipwayError({
    code: "SLIPWAY_API_REQUEST",
    what: `the bootstrap token ${id} was not deleted`,
    why: `there is none of that id; the cluster has ${known.length === 0 ? "no tokens" : known.join(", ")}`,
    fix: known.length === 0 ? "nothing is left to delete" : LIST,
  });
}

/** The tokens of a file; none without one. */
async function readTokens(
  system: System,
  path: string | undefined,
): Promise<readonly BootstrapTokenSettings[]> {
  if (path === undefined) return [];
  return parseInitConfig({ text: await readConfig(system, path), path }).config.bootstrapTokens;
}

function readSettings(
  request: TokenRequest,
  file: BootstrapTokenSettings | undefined,
): Omit<BootstrapTokenSettings, "token"> {
  if (request.token !== undefined && !isBootstrapToken(request.token))
    refuse("the token", { why: NO_TOKEN, fix: GENERATE });
  const ttlMs =
    request.ttl === undefined ? (file?.ttlMs ?? TOKEN_DEFAULTS.ttlMs) : parseDurationMs(request.ttl);
  if (ttlMs === undefined || ttlMs < 0)
    refuse("--ttl", {
      why: "it is not a duration",
      fix: "--ttl 24h, --ttl 90m, or --ttl 0 for one that never ends",
    });
  const usages = request.usages ?? file?.usages ?? TOKEN_DEFAULTS.usages;
  const groups = request.groups ?? file?.groups ?? TOKEN_DEFAULTS.groups;
  for (const [field, problem] of describeTokenUse({ usages, groups }))
    refuse(`--${field}`, { why: problem, fix: HELP });
  const description = request.description ?? file?.description ?? "";
  const expires = request.ttl === undefined ? file?.expires : undefined;
  return { description, ttlMs: ttlMs ?? 0, expires, usages, groups };
}

function refuse(what: string, { why, fix }: { readonly why: string; readonly fix: string }): never {
  throw new SlipwayError({ code: "SLIPWAY_USAGE", what: `${what} cannot be used`, why, fix });
}

async function createSecret(
  client: ApiClient,
  { object, id }: { readonly object: ReturnType<typeof buildTokenSecret>; readonly id: string },
): Promise<void> {
  const response = await client.request({
    method: "POST",
    path: TOKEN_SECRETS_PATH,
    body: object,
    timeoutMs: TIMEOUT_MS,
  });
  if (isSuccess(response)) return;
  if (readReason(response) !== "AlreadyExists") throw createRefusal("create the bootstrap token", response);
  throw new SlipwayError({
    code: "SLIPWAY_API_REQUEST",
    what: `the bootstrap token ${id} was not made`,
    why: `a token with id "${id}" already exists`,
    fix: `leave the token out and take a random one, or: slipway token delete ${id}`,
  });
}

const ADDONS = [
  { name: "CoreDNS", path: "/apis/apps/v1/namespaces/kube-system/deployments/coredns" },
  { name: "kube-proxy", path: "/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy" },
];

async function findMissingAddons(client: ApiClient): Promise<readonly string[]> {
  const found = await Promise.all(
    ADDONS.map(async ({ name, path }) => {
      const { status } = await client.request({ method: "GET", path, timeoutMs: TIMEOUT_MS });
      return status === 404 ? [name] : [];
    }),
  );
  return found.flat();
}
