import { readContainerLog } from "../control/read-container-log.ts";
import { messageOf, systemErrorCode } from "../core/errors.ts";
import type { System } from "../system/system.ts";
import type { ContainerSpec } from "./types.ts";

/** Where a container may say why it ends, and what counts when it says nothing. */
export interface TerminationMessage {
  /** The file on this machine that the container sees at its terminationMessagePath; absent: it has none. */
  readonly path?: string;
  readonly fallbackToLogs: boolean;
  /** Its share of what the containers of its pod may say together. */
  readonly maxBytes: number;
}

/** Source: kubelet container/runtime.go MaxContainerTerminationMessageLength, …LogLength and …LogLines. */
const MAX_FILE_BYTES = 4096;
const MAX_LOG_BYTES = 2048;
const MAX_LOG_LINES = 80;

/**
 * What a container that has ended said last: the end of its file, or with FallbackToLogsOnError after a failure the
 * end of its log. Undefined when that is nothing. Source: kuberuntime_container.go getTerminationMessage,
 * readLastStringFromContainerLogs; status_manager.go normalizeStatus.
 */
export async function readTerminationMessage(
  system: Pick<System, "fs" | "clock">,
  options: { readonly spec: ContainerSpec; readonly exitCode: number },
): Promise<string | undefined> {
  const { terminationMessage, logPath } = options.spec;
  if (terminationMessage === undefined) return undefined;
  const { path, fallbackToLogs, maxBytes } = terminationMessage;
  let message = path === undefined ? "" : await readEnd(system, path);
  if (message === "" && fallbackToLogs && options.exitCode !== 0) message = await readLogEnd(system, logPath);
  return message === "" ? undefined : Buffer.from(message).subarray(0, maxBytes).toString();
}

async function readEnd(system: Pick<System, "fs">, path: string): Promise<string> {
  try {
    const file = await system.fs.open(path, { flags: "r" });
    try {
      const { size } = await file.stat();
      const buffer = Buffer.alloc(Math.min(size, MAX_FILE_BYTES));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, size - buffer.length);
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return "";
    return `Error on reading termination log ${path}: ${messageOf(error)}`;
  }
}

/** The last lines of a log, 2 KiB of them at most; or why they cannot be read. */
export async function readLogEnd(system: Pick<System, "fs" | "clock">, path: string): Promise<string> {
  let end: Buffer = Buffer.alloc(0);
  const write = (chunk: Buffer): void => {
    end = Buffer.concat([end, chunk]).subarray(-MAX_LOG_BYTES);
  };
  try {
    await readContainerLog(system, { path, tailLines: MAX_LOG_LINES, write });
  } catch (error) {
    return `Error on reading termination message from logs: ${messageOf(error)}`;
  }
  return end.toString();
}
