import type { KubeObject } from "../../api/types.ts";
import type { System } from "../../system/system.ts";
import type { ApiLink } from "./api-link.ts";
import { type ObjectWatch, watchObjects } from "./watch-objects.ts";

/** Follows the pods that the API has bound to one node. */
export function watchPods(
  system: Pick<System, "clock" | "log">,
  options: { readonly link: ApiLink; readonly nodeName: string; readonly onChange: () => void },
): ObjectWatch {
  const selector = encodeURIComponent(`spec.nodeName=${options.nodeName}`);
  const path = `/api/v1/pods?fieldSelector=${selector}`;
  return watchObjects(system, { ...options, name: "pod watch", path, keep: trim });
}

/** Without the record of who set which field, which is larger than the pod. */
function trim(pod: KubeObject): KubeObject {
  const metadata: KubeObject["metadata"] & { readonly managedFields?: unknown } = pod.metadata;
  const { managedFields: _, ...rest } = metadata;
  return { ...pod, metadata: rest };
}
