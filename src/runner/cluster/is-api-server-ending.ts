import type { PodReport } from "../../control/protocol.ts";
import { isApiServer } from "../plan-stop.ts";

/**
 * Whether an API server of this machine has been told to end. It takes its whole grace period as long as a request is
 * open, and a watch is open for minutes. Source: apiserver pkg/server/secure_serving.go RunServer, http.Server.Shutdown.
 */
export function isApiServerEnding(reports: readonly PodReport[]): boolean {
  return reports.some(
    ({ pod, containers }) => isApiServer(pod) && containers.some((container) => container.stopping),
  );
}
