import type { Container } from "../../pod/types.ts";

/** Whether what a container mounts is to reach the machine, which may share no mounts with a namespace. */
export function isShared({ volumeMounts }: Container): boolean {
  return volumeMounts?.some(({ mountPropagation }) => mountPropagation === "Bidirectional") === true;
}
