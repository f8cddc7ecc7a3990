import parse from "semver/functions/parse.js";
import { SlipwayError } from "../core/errors.ts";
import { MINOR_VERSIONS, selectMinorVersion } from "../core/kubernetes-versions.ts";
import { type BinaryName, COMPONENT_NAMES, TOOL_NAMES } from "./types.ts";

/** Whether a binary of one version may stand in for another. */
export type VersionVerdict =
  | { readonly kind: "fits" }
  | { readonly kind: "near"; readonly warning: string }
  | { readonly kind: "unfit"; readonly reason: string };

/**
 * The version of a program that a Kubernetes version needs at least: its own, for etcd that of the image tag.
 * Raises SLIPWAY_VERSION_UNSUPPORTED.
 */
export function selectNeededVersion(name: BinaryName, kubernetesVersion: string): string {
  const row = supportedMinor(kubernetesVersion);
  return name === "etcd" ? tagVersion(row.etcdImageTag) : kubernetesVersion;
}

/** The version of a program that is downloaded or built. Raises SLIPWAY_VERSION_UNSUPPORTED. */
export function selectReleaseVersion(name: BinaryName, kubernetesVersion: string): string {
  const row = supportedMinor(kubernetesVersion);
  return name === "etcd" ? row.etcdVersion : kubernetesVersion;
}

/** Compares by D5's rule: the same minor; another Kubernetes patch warns; etcd's patch must not be older. */
export function judgeVersion(options: {
  readonly name: BinaryName;
  readonly needed: string;
  readonly found: string;
}): VersionVerdict {
  const { name } = options;
  const needed = parse(options.needed);
  const found = parse(options.found);
  if (needed === null || found === null)
    return { kind: "unfit", reason: `its version ${options.found} is not understood` };
  const sameMinor = needed.major === found.major && needed.minor === found.minor;
  if (!sameMinor || (name === "etcd" && found.patch < needed.patch))
    return { kind: "unfit", reason: `it is ${options.found}, needed is ${describeNeed(options)}` };
  if (name === "etcd" || found.patch === needed.patch) return { kind: "fits" };
  return { kind: "near", warning: `${name} is ${options.found}, another patch than ${options.needed}` };
}

/** Orders two versions, older first. What is no version comes first. */
export function compareVersions(left: string, right: string): number {
  const older = parse(left);
  const newer = parse(right);
  if (older === null || newer === null) return Number(older !== null) - Number(newer !== null);
  return older.compare(newer);
}

/**
 * The program and version an image stands for: `registry.k8s.io/kube-apiserver:v1.37.2`, `any/etcd:3.7.0-0`.
 * Undefined for an image that is none of ours, or without a version for its tag.
 */
export function parseComponentImage(
  image: string,
): { readonly name: BinaryName; readonly version: string } | undefined {
  const match = /(?:^|\/)([^/:@]+):([^/:@]+)(?:@[^/]*)?$/.exec(image);
  const name = [...COMPONENT_NAMES, ...TOOL_NAMES].find((known) => known === match?.[1]);
  const tag = match?.[2];
  if (name === undefined || tag === undefined) return undefined;
  const version = name === "etcd" ? tagVersion(tag) : tag;
  return parse(version) === null ? undefined : { name, version };
}

/** `3.7.0-0` is v3.7.0: what follows the dash counts builds of the image. */
function tagVersion(tag: string): string {
  return `v${tag.replace(/^v/, "").replace(/-\d+$/, "")}`;
}

/** The Kubernetes version whose programs can be fetched and one of which stands for an image; undefined: there is none. */
export function selectFetchedVersion({
  name,
  version,
}: {
  readonly name: BinaryName;
  readonly version: string;
}): string | undefined {
  if (name !== "etcd") return selectMinorVersion(version) === undefined ? undefined : version;
  const fits = (found: string): boolean => judgeVersion({ name, needed: version, found }).kind === "fits";
  return MINOR_VERSIONS.find(({ etcdVersion }) => fits(etcdVersion))?.newest;
}

function supportedMinor(kubernetesVersion: string): (typeof MINOR_VERSIONS)[number] {
  const row = selectMinorVersion(kubernetesVersion);
  if (row !== undefined) return row;
  throw new SlipwayError({
    code: "SLIPWAY_VERSION_UNSUPPORTED",
    what: `Kubernetes ${kubernetesVersion} is not supported`,
    why: `the supported minors are ${MINOR_VERSIONS.map(({ minor }) => `1.${minor}`).join(", ")}`,
    fix: `choose one of them, for example --kubernetes-version ${MINOR_VERSIONS[0]?.newest}`,
  });
}

function describeNeed(options: { readonly name: BinaryName; readonly needed: string }): string {
  const minor = options.needed.replace(/^v(\d+\.\d+)\..*$/, "$1");
  return options.name === "etcd" ? `${minor} from ${options.needed} on` : `any ${minor} (${options.needed})`;
}
