import { parseComponentImage } from "../components/component-version.ts";
import { ensureComponents } from "../components/ensure-components.ts";
import { COMPONENT_NAMES, type Component, type ComponentSource } from "../components/types.ts";
import { parseInitConfig } from "../config/parse-init-config.ts";
import type { ClusterSettings, InitFlags } from "../config/types.ts";
import { SlipwayError } from "../core/errors.ts";
import { listImages } from "../manifests/images.ts";
import type { System } from "../system/system.ts";
import { showComponentProgress } from "./component-progress.ts";
import { readConfig } from "./read-config.ts";
import type { Ui } from "./ui.ts";

/** A configuration file and flags, as `config images` takes them. */
interface ImagesRequest {
  readonly configPath: string | undefined;
  readonly flags: InitFlags;
}

/** The images that a cluster runs. Raises SLIPWAY_CONFIG_UNREADABLE, SLIPWAY_CONFIG_INVALID. */
export async function runConfigImages(system: System, request: ImagesRequest): Promise<readonly string[]> {
  return listImages(await readCluster(system, request));
}

/** What `config images pull` prints. */
export interface PulledImages {
  readonly apiVersion: "slipway.dev/v1";
  readonly kind: "PulledImages";
  /** `path`: the binary that it stands for; undefined when nothing on this machine runs it. */
  readonly images: readonly { readonly image: string; readonly path: string | undefined }[];
}

/**
 * Gets the binaries that a cluster's images stand for on the host runtime, so that a later init has them.
 * Raises what `runConfigImages` and the components' sources raise, and SLIPWAY_USAGE for a runtime that pulls itself.
 */
export async function runPullImages(
  system: System,
  request: ImagesRequest & {
    readonly runtime: "host" | "external";
    readonly source: ComponentSource;
    readonly dir: string | undefined;
    readonly mirror: string | undefined;
    readonly ui: Ui;
    readonly signal: AbortSignal;
  },
): Promise<PulledImages> {
  const { source, dir, mirror, ui, signal } = request;
  const cluster = await readCluster(system, request);
  const images = listImages(cluster);
  if (request.runtime === "external") throw refuseToPull(images);
  const wanted = images.map((image) => ({ image, name: parseComponentImage(image)?.name }));
  const names = COMPONENT_NAMES.filter((name) => wanted.some((image) => image.name === name));
  const components = await showComponentProgress(ui, (onProgress) =>
    ensureComponents(system, {
      request: { kubernetesVersion: cluster.kubernetesVersion, source, dir, mirror, names },
      onProgress,
      onNote: ui.note,
      signal,
    }),
  );
  const pathOf = (name: string | undefined): string | undefined =>
    components.find((component: Component) => component.name === name)?.path;
  return {
    apiVersion: "slipway.dev/v1",
    kind: "PulledImages",
    images: wanted.map(({ image, name }) => ({ image, path: pathOf(name) })),
  };
}

async function readCluster(system: System, request: ImagesRequest): Promise<ClusterSettings> {
  const { configPath: path, flags } = request;
  const text = path === undefined ? undefined : await readConfig(system, path);
  return parseInitConfig({ text, path, flags }).config.cluster;
}

function refuseToPull([image]: readonly string[]): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_USAGE",
    what: "config images pull has nothing to pull for an external runtime",
    why: "there a kubelet's container runtime runs the images, and it pulls what it lacks by itself",
    fix: `to have them beforehand, each of those that slipway config images list names: crictl pull ${image}`,
  });
}
