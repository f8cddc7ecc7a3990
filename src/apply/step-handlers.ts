import type { Step, StepKind } from "../plan/types.ts";
import type { StepHandler } from "./step-handler.ts";
import { apiObjectHandler } from "./steps/api-object.ts";
import { bootstrapTokenHandler } from "./steps/bootstrap-token.ts";
import { certificateHandler } from "./steps/certificate.ts";
import { copyFileHandler } from "./steps/copy-file.ts";
import { copyKubeconfigHandler } from "./steps/copy-kubeconfig.ts";
import { directoryHandler } from "./steps/directory.ts";
import { encryptionConfigHandler } from "./steps/encryption-config.ts";
import { fileHandler } from "./steps/file.ts";
import {
  keepManifestsHandler,
  removeManifestHandler,
  restoreManifestsHandler,
} from "./steps/kept-manifests.ts";
import { kubeconfigHandler } from "./steps/kubeconfig.ts";
import { markNodeHandler } from "./steps/mark-node.ts";
import { publishCaHandler } from "./steps/publish-ca.ts";
import { recordRuntimeHandler } from "./steps/record-runtime.ts";
import { rotateKubeletCertHandler } from "./steps/rotate-kubelet-cert.ts";
import { runCommandHandler } from "./steps/run-command.ts";
import { serviceAccountKeysHandler } from "./steps/service-account-keys.ts";
import { startRunnerHandler } from "./steps/start-runner.ts";
import { stopRunnerHandler } from "./steps/stop-runner.ts";
import { uploadCertsHandler } from "./steps/upload-certs.ts";
import { waitComponentHandler } from "./steps/wait-component.ts";
import { waitNoKubeletHandler } from "./steps/wait-no-kubelet.ts";
import { waitObjectHandler } from "./steps/wait-object.ts";
import { waitReadyHandler } from "./steps/wait-ready.ts";

const HANDLERS: { readonly [K in StepKind]: StepHandler<K> } = {
  directory: directoryHandler,
  file: fileHandler,
  certificate: certificateHandler,
  "service-account-keys": serviceAccountKeysHandler,
  kubeconfig: kubeconfigHandler,
  "copy-kubeconfig": copyKubeconfigHandler,
  "encryption-config": encryptionConfigHandler,
  "copy-file": copyFileHandler,
  "start-runner": startRunnerHandler,
  "stop-runner": stopRunnerHandler,
  "record-runtime": recordRuntimeHandler,
  "keep-manifests": keepManifestsHandler,
  "restore-manifests": restoreManifestsHandler,
  "remove-manifest": removeManifestHandler,
  "run-command": runCommandHandler,
  "wait-no-kubelet": waitNoKubeletHandler,
  "wait-component": waitComponentHandler,
  "wait-ready": waitReadyHandler,
  "api-object": apiObjectHandler,
  "publish-ca": publishCaHandler,
  "bootstrap-token": bootstrapTokenHandler,
  "upload-certs": uploadCertsHandler,
  "rotate-kubelet-cert": rotateKubeletCertHandler,
  "wait-object": waitObjectHandler,
  "mark-node": markNodeHandler,
};

/** The handler of a step's kind. */
export function handlerOf<K extends StepKind>(step: Extract<Step, { readonly kind: K }>): StepHandler<K> {
  // The table pairs each kind with its own handler, which the type of an index by a union cannot say.
  return HANDLERS[step.kind as K] as unknown as StepHandler<K>;
}
