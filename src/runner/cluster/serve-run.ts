import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { ExecSession, Runtime } from "../../runtime/types.ts";
import type { System } from "../../system/system.ts";
import type { PodStore } from "../types.ts";
import { waitAtMost } from "../wait-at-most.ts";
import { sendText } from "./send-text.ts";
import { findRunningContainer } from "./streaming/find-container.ts";

/** What a command's children still write may take this long after its end; ours. */
const DRAIN_MS = 1_000;
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
  const { exitCode, stdout, stderr } = await collect(system, session);
  ended = true;
  if (exitCode === 0) {
    response.writeHead(200, { "content-type": "application/json" }).end(Buffer.concat([stdout, stderr]));
    return;
  }
  const text = `command '${command.join(" ")}' exited with ${exitCode}: ${stderr.toString("utf8")}`;
  sendText(response, { status: 500, text });
}

async function collect(
  system: Pick<System, "clock">,
  session: ExecSession,
): Promise<{ readonly exitCode: number; readonly stdout: Buffer; readonly stderr: Buffer }> {
  session.stdin.end();
  const [out, err] = [keep(session.stdout), keep(session.stderr)];
  const exitCode = await session.exited;
  await waitAtMost(system, { work: Promise.all([out.done, err.done]), leftMs: DRAIN_MS });
  return { exitCode, stdout: out.text(), stderr: err.text() };
}

/** What is written beyond the bound is read all the same, so that nothing blocks. */
function keep(stream: Readable): { readonly done: Promise<void>; readonly text: () => Buffer } {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    if (size < MAX_OUTPUT_BYTES) chunks.push(chunk.subarray(0, MAX_OUTPUT_BYTES - size));
    size += chunk.length;
  });
  const done = finished(stream, { writable: false }).catch(() => undefined);
  return { done, text: () => Buffer.concat(chunks) };
}
