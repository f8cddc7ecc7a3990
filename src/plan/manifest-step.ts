import { join } from "node:path";
import type { ControlPlaneComponent } from "../core/constants.ts";
import type { Manifest } from "../manifests/build-manifests.ts";
import { computePodUid } from "../pod/default-pod.ts";
import type { PlanInput } from "./phase.ts";
import type { Step } from "./types.ts";

/** The step that writes one static pod's manifest; writing it is what starts the pod. */
export function manifestStep(
  { manifests, paths }: PlanInput,
  options: {
    readonly component: ControlPlaneComponent;
    readonly phase: string;
    readonly needs: readonly string[];
  },
): Step {
  const manifest = findManifest(manifests, options.component);
  const path = join(paths.manifestDir, manifest.fileName);
  return {
    kind: "file",
    id: manifestStepId(options.component),
    phase: options.phase,
    title: `write ${path}`,
    needs: [`dir:${paths.manifestDir}`, ...options.needs],
    path,
    mode: 0o600,
    content: manifest.text,
  };
}

/** The UID that the runner gives to a component's static pod. */
export function podUidOf({ manifests, paths, config }: PlanInput, component: ControlPlaneComponent): string {
  const { defaulted, fileName } = findManifest(manifests, component);
  const origin = join(paths.manifestDir, fileName);
  return computePodUid({ manifest: defaulted, nodeName: config.nodeName, origin, source: "file" });
}

function findManifest(manifests: readonly Manifest[], wanted: ControlPlaneComponent): Manifest {
  const manifest = manifests.find(({ component }) => component === wanted);
  if (manifest === undefined) throw new Error(`no manifest for ${wanted}`);
  return manifest;
}

/** The id of the step that writes a component's manifest. */
export function manifestStepId(component: ControlPlaneComponent): string {
  return `manifest/${component}`;
}

/** The id of the step that waits until the API server does what it is asked, though its first objects are not all there. */
export const API_ANSWERS_ID = "answers/kube-apiserver";

/** The id of the step that waits until a component is healthy. */
export function waitStepId(component: ControlPlaneComponent): string {
  return `wait/${component}`;
}
