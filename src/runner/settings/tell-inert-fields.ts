import type { Pod } from "../../pod/types.ts";
import type { System } from "../../system/system.ts";
import type { EventRecorder, KubeletConfiguration } from "../types.ts";
import { findInertFields, isTrusted } from "./inert-fields.ts";

/**
 * Tells of a pod's fields that cannot act: one line and one event a field for the life of the runner. Of the control
 * plane's own programs, whose manifests nobody here has written, there is the line alone.
 */
export function createInertFieldTeller(
  system: Pick<System, "host" | "log">,
  {
    events,
    runner: { kubelet, canMount },
  }: {
    readonly events: EventRecorder;
    readonly runner: {
      readonly kubelet: Pick<KubeletConfiguration, "clusterDNS">;
      readonly canMount: boolean;
    };
  },
): (pod: Pod) => void {
  const logged = new Set<string>();
  const recorded = new Set<string>();
  return (pod) => {
    const { name, namespace } = pod.metadata;
    const isOwn = pod.spec.containers.every(isTrusted);
    for (const { field, why } of findInertFields(pod, { ...kubelet, canMount, uid: system.host.uid })) {
      if (isNew(logged, field)) system.log.info("field has no effect here", { field, why, pod: name });
      if (!isOwn && isNew(recorded, field))
        events.record({
          ...{ type: "Warning", reason: "FieldHasNoEffect", message: `${field} has no effect here: ${why}` },
          ...{ pod: name, namespace, container: undefined },
        });
    }
  };
}

/** Whether it is seen for the first time; from now on it is known. */
function isNew(known: Set<string>, field: string): boolean {
  if (known.has(field)) return false;
  known.add(field);
  return true;
}
