import type { Container } from "../../pod/types.ts";
import type { ImageCheck } from "../../runtime/types.ts";
import type { StartProblem } from "./build-container-spec.ts";

/**
 * What a container whose image cannot be run waits with. Source: kubelet images/image_manager.go
 * imageNotPresentOnNeverPolicyError; ours: why it is not there.
 */
export function describeAbsence(
  { image, imagePullPolicy }: Container,
  { reason, message }: Extract<ImageCheck, { readonly kind: "absent" }>,
): StartProblem {
  if (reason !== "ErrImagePull" || imagePullPolicy !== "Never") return { reason, message };
  const said = `Container image ${JSON.stringify(image)} is not present with pull policy of Never: ${message}`;
  return { reason: "ErrImageNeverPull", message: said };
}
