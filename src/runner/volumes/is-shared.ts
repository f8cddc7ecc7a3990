import type { Container } from "../../pod/types.ts";

/** Whether what a container mounts is to reach the machine: then it has the machine's own mounts. */
export function isShared({ volumeMounts }: Container): boolean {
  return volumeMounts?.some(({ mountPropagation }) => mountPropagation === "Bidirectional") === true;
}
