import { canonicalAddress, cidrContains, parseCidr, parseIpAddress } from "../core/cidr.ts";
import { HOST_PATH_TYPES } from "../core/constants.ts";
import { parseDurationMs } from "../core/duration.ts";
import { parseHostPort } from "../core/host-port.ts";
import { isDnsLabel, isDnsSubdomain, isLabelValue, isQualifiedName } from "../core/names.ts";
import { isBootstrapToken } from "./bootstrap-tokens.ts";
import { PROFILES } from "./types.ts";

/** What is wrong with a field's text, as the rest of a sentence; undefined when nothing is. */
export type FieldRule = (text: string) => string | undefined;

/** The public key algorithms that kubeadm knows. Source: kubeadm apis/kubeadm/v1beta4 EncryptionAlgorithmType. */
export const ENCRYPTION_ALGORITHMS = [
  "RSA-2048",
  "RSA-3072",
  "RSA-4096",
  "ECDSA-P256",
  "ECDSA-P384",
] as const;

const TAINT_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** A Kubernetes version is judged on its own; these are the rules for every other text. */
export const RULES = {
  absolutePath: (text) => (text.startsWith("/") ? undefined : `${quote(text)} is not an absolute path`),
  dnsSubdomain: (text) =>
    isDnsSubdomain(text)
      ? undefined
      : `${quote(text)} is not a DNS name: lower-case letters, digits, "-" and "." only, each part beginning and ending with a letter or digit`,
  dnsLabel: (text) =>
    isDnsLabel(text)
      ? undefined
      : `${quote(text)} is not a name of at most 63 lower-case letters, digits and "-"`,
  advertiseAddress: (text) => describeAdvertiseProblem(text),
  subjectAltName: (text) =>
    canonicalAddress(text) !== undefined || isDnsSubdomain(withoutWildcard(text.toLowerCase()))
      ? undefined
      : `${quote(text)} is neither an IP address nor a DNS name (a first part "*." is allowed)`,
  hostPort: (text) => describeEndpointProblem(text),
  imageRepository: (text) =>
    text.length <= 255 && IMAGE_REPOSITORY.test(text)
      ? undefined
      : `${quote(text)} is not an image repository; write it like registry.example.com/kubernetes`,
  imageTag: (text) =>
    /^\w[\w.-]{0,127}$/.test(text) ? undefined : `${quote(text)} is not an image tag; write it like 3.7.0-0`,
  duration: (text) =>
    (parseDurationMs(text) ?? 0) > 0
      ? undefined
      : `${quote(text)} is not a duration above zero and below 292 years; write it like 4m0s or 8760h`,
  criSocket: (text) =>
    /^(?:unix:|[^:]*$)/.test(text)
      ? undefined
      : `${quote(text)} is not a socket; write it like unix:///run/x.sock`,
  imagePullPolicy: oneOf(["Always", "IfNotPresent", "Never"]),
  unmountFlag: oneOf(["MNT_FORCE", "MNT_DETACH", "MNT_EXPIRE", "UMOUNT_NOFOLLOW"]),
  token: (text) =>
    isBootstrapToken(text)
      ? undefined
      : "this is no token: 6 and 16 lower-case letters and digits with a dot between",
  caCertPath: (text) =>
    text.startsWith("/") && text.endsWith(".crt")
      ? undefined
      : `${quote(text)} is not an absolute path of a .crt file`,
  argumentName: (text) =>
    /^[A-Za-z0-9][\w.-]*$/.test(text)
      ? undefined
      : `${quote(text)} is not a flag's name; write it without leading dashes, and its value in "value"`,
  environmentName: (text) =>
    /^[^=\s\0]+$/.test(text) ? undefined : `${quote(text)} is not the name of an environment variable`,
  hostPathType: oneOf(HOST_PATH_TYPES),
  encryptionAlgorithm: oneOf(ENCRYPTION_ALGORITHMS),
  certificateKey: (text) =>
    /^[0-9a-f]{64}$/i.test(text)
      ? undefined
      : "this is no key of 64 hexadecimal digits; to make one: slipway certs certificate-key",
  taintEffect: oneOf(TAINT_EFFECTS),
  profile: oneOf(PROFILES),
  taintKey: (text) =>
    isQualifiedName(text) ? undefined : `${quote(text)} is not a taint key; write it like example.com/name`,
  taintValue: (text) =>
    isLabelValue(text)
      ? undefined
      : `${quote(text)} is not a taint value: at most 63 letters, digits, "-", "_" and "."`,
} as const satisfies Record<string, FieldRule>;

/** A text in quotes for a message, cut when it is long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** Source: github.com/distribution/reference regexp.go: a domain, paths, or both. */
const IMAGE_REPOSITORY =
  /^(?:(?:[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9][A-Za-z0-9-]*)*|\[[0-9A-Fa-f:]+\])(?::\d+)?|[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

function oneOf(names: readonly string[]): FieldRule {
  return (text) => (names.includes(text) ? undefined : `${quote(text)} is not one of ${names.join(", ")}`);
}

function withoutWildcard(text: string): string {
  return text.startsWith("*.") ? text.slice(2) : text;
}

/** Source: kubeadm validation ValidateHostPort. */
function describeEndpointProblem(text: string): string | undefined {
  const endpoint = parseHostPort(text);
  const good =
    endpoint !== undefined &&
    (canonicalAddress(endpoint.host) !== undefined || isDnsSubdomain(endpoint.host));
  return good ? undefined : `${quote(text)} is not HOST or HOST:PORT with a DNS name or IP address as host`;
}

/** Networks whose addresses no other machine can reach a server at. */
const UNUSABLE_NETWORKS = [
  ["multicast", "224.0.0.0/4"],
  ["multicast", "ff00::/8"],
  ["link-local", "169.254.0.0/16"],
  ["link-local", "fe80::/10"],
  ["broadcast", "255.255.255.255/32"],
] as const;

/** Source: Go net.IP IsGlobalUnicast; loopback is ours, and unspecified means not set as for kubeadm. */
function describeAdvertiseProblem(text: string): string | undefined {
  const address = parseIpAddress(text);
  if (address === undefined) return `${quote(text)} is not an IP address`;
  const unusable = UNUSABLE_NETWORKS.find(([, network]) => {
    const cidr = parseCidr(network);
    return cidr !== undefined && cidrContains(cidr, address);
  });
  return unusable && `${text} is a ${unusable[0]} address; nothing can reach an API server there`;
}
