import { requestOrReason } from "../../api/request-or-reason.ts";
import { parseFailedChecks } from "../../api/wait-for-path.ts";
import { SlipwayError } from "../../core/errors.ts";
import { kubeconfigPath } from "../../plan/phases/kubeconfig.ts";
import type { System } from "../../system/system.ts";
import type { ApplyContext, StepOf } from "../step-handler.ts";

/** With an etcd that hangs its two checks take 2 s each. Source: apiserver storagebackend options.go DefaultHealthcheckTimeout. */
const TIMEOUT_MS = 8000;

/**
 * The checks that an API server fails, told to who needs no role: until it has made its own roles, which takes a
 * working etcd, it refuses everybody else. Empty when it does not say.
 */
export async function askFailedChecks(
  system: System,
  { step, context }: { readonly step: StepOf<"wait-component">; readonly context: ApplyContext },
): Promise<readonly string[]> {
  const kubeconfig = kubeconfigPath(context.paths, "super-admin");
  if (step.component !== "kube-apiserver" || (await system.fs.stat(kubeconfig)) === undefined) return [];
  const { pathname, search } = new URL(step.url);
  const path = `${pathname}${search}`;
  try {
    const client = await context.apiClient(kubeconfig);
    const { signal } = context;
    const answer = await requestOrReason(client, { method: "GET", path, timeoutMs: TIMEOUT_MS, signal });
    return parseFailedChecks(answer.response?.text ?? "");
  } catch (error) {
    if (error instanceof SlipwayError) return [];
    throw error;
  }
}
