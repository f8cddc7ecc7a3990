import { isBootstrapToken } from "../../config/bootstrap-tokens.ts";
import type { BootstrapTokenSettings } from "../../config/types.ts";
import { formatRfc3339 } from "../../core/rfc3339.ts";
import type { Random } from "../../system/random.ts";
import { readField } from "../read-field.ts";
import type { KubeObject } from "../types.ts";

/** Source: cluster-bootstrap token/api SecretTypeBootstrapToken. */
export const TOKEN_SECRET_TYPE = "bootstrap.kubernetes.io/token";

/** A token that the cluster has. */
export interface BootstrapToken {
  readonly id: string;
  /** `ID.SECRET`; a secret. */
  readonly token: string;
  readonly description: string;
  /** RFC 3339; undefined: it never ends. */
  readonly expires: string | undefined;
  /** Sorted. */
  readonly usages: readonly string[];
  readonly groups: readonly string[];
}

const CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyz";
/** The largest multiple of 36 in a byte: what is above would make some characters likelier. */
const FAIR_BYTES = 252;

/** A new token, `ID.SECRET`, each character as likely as any other. Source: cluster-bootstrap token/util/helpers.go. */
export function generateToken(random: Pick<Random, "bytes">): string {
  let text = "";
  while (text.length < 22) {
    for (const byte of random.bytes(32)) if (byte < FAIR_BYTES) text += CHARACTERS[byte % CHARACTERS.length];
  }
  return `${text.slice(0, 6)}.${text.slice(6, 22)}`;
}

/** The id of `ID.SECRET` or of an id alone; undefined for any other text. */
export function readTokenId(text: string): string | undefined {
  return isBootstrapToken(text) || /^[a-z0-9]{6}$/.test(text) ? text.slice(0, 6) : undefined;
}

/** The name of a token's Secret. */
export function tokenSecretName(id: string): string {
  return `bootstrap-token-${id}`;
}

/** The Secret of a token. Source: kubeadm apis/bootstraptoken/v1/utils.go BootstrapTokenToSecret. */
export function buildTokenSecret(
  token: string,
  options: {
    readonly settings: Omit<BootstrapTokenSettings, "token">;
    readonly nowMs: number;
  },
): KubeObject {
  const { settings, nowMs } = options;
  const [id = "", secret = ""] = token.split(".");
  const endMs = settings.expires === undefined ? nowMs + settings.ttlMs : Date.parse(settings.expires);
  const data = {
    "token-id": id,
    "token-secret": secret,
    ...(settings.description === "" ? {} : { description: settings.description }),
    ...(settings.expires === undefined && settings.ttlMs === 0 ? {} : { expiration: formatRfc3339(endMs) }),
    ...Object.fromEntries(settings.usages.map((usage) => [`usage-bootstrap-${usage}`, "true"])),
    ...(settings.groups.length === 0 ? {} : { "auth-extra-groups": settings.groups.join(",") }),
  };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: tokenSecretName(id), namespace: "kube-system" },
    type: TOKEN_SECRET_TYPE,
    data: Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
    ),
  };
}

/** The token of a Secret; undefined when it holds none that works. Source: the same file, BootstrapTokenFromSecret. */
export function parseTokenSecret(secret: unknown): BootstrapToken | undefined {
  const read = (key: string): string => {
    const value = readField(secret, "data", key);
    return typeof value === "string" ? Buffer.from(value, "base64").toString("utf8") : "";
  };
  const id = read("token-id");
  const token = `${id}.${read("token-secret")}`;
  if (!isBootstrapToken(token) || readField(secret, "metadata", "name") !== tokenSecretName(id))
    return undefined;
  const keys = Object.keys(Object(readField(secret, "data")));
  return {
    id,
    token,
    description: read("description"),
    expires: read("expiration") || undefined,
    usages: keys
      .filter((key) => key.startsWith("usage-bootstrap-") && read(key) === "true")
      .map((key) => key.slice("usage-bootstrap-".length))
      .sort(),
    groups: read("auth-extra-groups")
      .split(",")
      .filter((group) => group !== ""),
  };
}
