import type { KubeletConfiguration } from "../types.ts";

/** What reaches into containers and logs. Source: kubelet server/server.go InstallDebuggingDisabledHandlers. */
const DEBUGGING: readonly string[] = [
  ...["run", "exec", "attach", "portForward", "containerLogs", "runningpods", "logs"],
  "debug",
];

/** The answer of a part of the kubelet API that the configuration has switched off; undefined for one that is open. */
export function findClosed(
  parts: readonly string[],
  kubelet: Pick<KubeletConfiguration, "enableDebuggingHandlers" | "enableSystemLogHandler">,
): { readonly status: number; readonly text: string } | undefined {
  const [root = ""] = parts;
  if (!kubelet.enableDebuggingHandlers) {
    if (DEBUGGING.includes(root)) return { status: 405, text: "Debug endpoints are disabled." };
    if (root === "configz") return { status: 404, text: "404 page not found" };
  }
  if (root === "logs" && !kubelet.enableSystemLogHandler)
    return { status: 405, text: "logs endpoint is disabled." };
  return undefined;
}
