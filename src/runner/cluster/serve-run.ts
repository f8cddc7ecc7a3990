import type { IncomingMessage, ServerResponse } from "node:http";
import type { Runtime } from "../../runtime/types.ts";
import { collectOutput } from "../../system/collect-output.ts";
import type { System } from "../../system/system.ts";
import type { PodStore } from "../types.ts";
import { sendText } from "./send-text.ts";
import { findRunningContainer } from "./streaming/find-container.ts";

/** Source: cri-api runtime/v1 api.proto ExecSyncResponse (16 MB). */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/**
 * Runs `cmd`, whose words are parted by blanks, in a container: `/run/<namespace>/<pod>[/<uid>]/<container>`. The answer
 * is all that it writes. Source: kubelet server/server.go getRun, cri-client remote_runtime.go execSync.
 */
export async function serveRun(
  system: Pick<System, "clock">,
  run: {
    readonly store: PodStore;
    readonly runtime: Pick<Runtime, "openExec">;
    readonly url: URL;
    readonly rest: readonly string[];
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
  },
): Promise<void> {
  const { response } = run;
  if (run.request.method !== "POST") return sendText(response, { status: 405, text: "Method Not Allowed" });
  const container = findRunningContainer(run.store, run.rest);
  if (container.kind === "refused") return sendText(response, container);
  const command = (run.url.searchParams.get("cmd") ?? "").split(" ");
  const session = await run.runtime.openExec(container.id, { command, terminal: undefined });
  let ended = false;
  response.once("close", () => {
    if (!ended) session.hangUp();
  });
  session.stdin.end();
  const { exitCode, stdout, stderr } = await collectOutput(system, {
    program: session,
    maxBytes: MAX_OUTPUT_BYTES,
  });
  ended = true;
  if (exitCode === 0) {
    response.writeHead(200, { "content-type": "application/json" }).end(Buffer.concat([stdout, stderr]));
    return;
  }
  const text = `command '${command.join(" ")}' exited with ${exitCode}: ${stderr.toString("utf8")}`;
  sendText(response, { status: 500, text });
}
