import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { messageOf } from "../../../core/errors.ts";
import type { System } from "../../../system/system.ts";
import { admitRequest } from "../admit-request.ts";
import type { KubeletRoutes } from "../kubelet-routes.ts";
import { findRunningContainer } from "./find-container.ts";
import { refuseUpgrade, type UpgradeRequest } from "./handshake.ts";
import { runAttach } from "./run-attach.ts";
import { runExec } from "./run-exec.ts";
import { servePortForward } from "./serve-port-forward.ts";
import { serveRemoteCommand } from "./serve-remote-command.ts";

/** Answers requests for exec, attach and portForward on the kubelet API. Source: kubelet server/server.go. */
export function createUpgradeHandler(
  system: System,
  routes: KubeletRoutes,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  return (request, socket, head) => {
    // A connection that breaks is the end of what it was for; the streams say so to whoever uses them.
    socket.on("error", () => undefined);
    serve(system, { routes, request, socket, head }).catch((error: unknown) => {
      system.log.info("a stream of the kubelet API broke", {
        path: request.url?.split("?")[0],
        error: messageOf(error),
      });
      socket.destroy();
    });
  };
}

async function serve(
  system: System,
  upgrade: UpgradeRequest & { readonly routes: KubeletRoutes },
): Promise<void> {
  const { routes, socket } = upgrade;
  const admission = await admitRequest(upgrade.request, routes);
  if (admission.kind === "refused") return refuseUpgrade(socket, admission);
  const [root, ...path] = admission.parts;
  const [namespace = "", podName = ""] = path;
  if (root === "portForward") {
    if (routes.store.get(namespace, podName) !== undefined) return servePortForward({ ...upgrade, podName });
    return refuseUpgrade(socket, { status: 404, text: "pod does not exist" });
  }
  if (root !== "exec" && root !== "attach")
    return refuseUpgrade(socket, { status: 404, text: "404 page not found" });
  const container = findRunningContainer(routes.store, path);
  if (container.kind === "refused") return refuseUpgrade(socket, container);
  const params = admission.url.searchParams;
  const command = params.getAll("command");
  const { runtime } = routes.options;
  const common = { runtime, containerId: container.id };
  return serveRemoteCommand(system, {
    ...upgrade,
    params,
    run: (streams) =>
      root === "exec" ? runExec(system, { ...common, command, streams }) : runAttach({ ...common, streams }),
  });
}
