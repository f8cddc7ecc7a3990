import { SlipwayError } from "../../core/errors.ts";
import type { LoggedPod } from "./read-logged-pods.ts";

/** Source: kubectl podcmd.go DefaultContainerAnnotationName. */
const DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container";

/**
 * The container that a person means: the one that is named, else the pod's default one, else its first regular one,
 * of which `tell` hears when there are others. Raises SLIPWAY_POD_NOT_FOUND. Source: kubectl podcmd.go
 * FindOrDefaultContainerByName.
 */
export function selectContainer(
  report: LoggedPod,
  options: { readonly wanted: string | undefined; readonly tell: (line: string) => void },
): LoggedPod["containers"][number] {
  const { containers, pod } = report;
  const names = containers.map(({ name }) => name).join(", ");
  const chosen = options.wanted ?? pod.metadata.annotations?.[DEFAULT_CONTAINER];
  const first = pod.spec.containers[0]?.name;
  const match = containers.find(({ name }) => name === (chosen ?? first));
  if (match !== undefined) {
    if (chosen === undefined && containers.length > 1)
      options.tell(`showing the container ${match.name} of: ${names}`);
    return match;
  }
  throw new SlipwayError({
    code: "SLIPWAY_POD_NOT_FOUND",
    what: `cannot find the container "${chosen ?? first}" in the pod ${pod.metadata.name}`,
    why: `it has ${names}`,
    fix: "name one with --container",
  });
}
