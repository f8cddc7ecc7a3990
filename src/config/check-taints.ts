import type { FieldFinding } from "./findings.ts";
import type { InitDocument } from "./schema.ts";

/**
 * Which taints of the node are there twice. Source: Kubernetes pkg/apis/core/validation validateNodeTaints: key and
 * effect together are unique.
 */
export function checkTaints(init: InitDocument): readonly FieldFinding[] {
  const taints = (init.nodeRegistration?.taints ?? []).map((taint) => `${taint.key}:${taint.effect}`);
  return taints.flatMap((taint, index) =>
    taints.indexOf(taint) === index
      ? []
      : [
          {
            kind: "InitConfiguration" as const,
            path: ["nodeRegistration", "taints", index],
            message: `the taint ${taint} is there twice`,
          },
        ],
  );
}
