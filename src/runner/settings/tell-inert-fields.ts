import type { Pod } from "../../pod/types.ts";
import type { System } from "../../system/system.ts";
import type { EventRecorder } from "../types.ts";
import { findInertFields } from "./inert-fields.ts";

/** Tells of a pod's fields that cannot act: one line and one event a field for the life of the runner. */
export function createInertFieldTeller(
  system: Pick<System, "host" | "log">,
  { events }: { readonly events: EventRecorder },
): (pod: Pod) => void {
  const told = new Set<string>();
  return (pod) => {
    const { name, namespace } = pod.metadata;
    for (const { field, why } of findInertFields(pod, system.host)) {
      if (told.has(field)) continue;
      told.add(field);
      const message = `${field} has no effect here: ${why}`;
      events.record({
        ...{ type: "Warning", reason: "FieldHasNoEffect", message },
        ...{ pod: name, namespace, container: undefined },
      });
      system.log.info("field has no effect here", { field, why, pod: name });
    }
  };
}
