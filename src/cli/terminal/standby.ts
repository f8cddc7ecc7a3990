import { closeSync, createReadStream, openSync } from "node:fs";
import { text } from "node:stream/consumers";

/**
 * Waits until stdin names a log file, then makes that file stdout and stderr, and nothing stdin: what the kernel and
 * Node.js themselves have to say goes there, too. False when stdin ends without a name: who started this process has
 * no use for it, or has gone.
 */
export async function standBy(): Promise<boolean> {
  const logPath = (await text(createReadStream("", { fd: 0, autoClose: false }))).trimEnd();
  if (logPath === "") return false;
  // The lowest free descriptor is the one that was just closed.
  reopen(0, { path: "/dev/null", flags: "r" });
  reopen(1, { path: logPath, flags: "a" });
  reopen(2, { path: logPath, flags: "a" });
  return true;
}

function reopen(fd: number, file: { readonly path: string; readonly flags: string }): void {
  closeSync(fd);
  const opened = openSync(file.path, file.flags);
  if (opened !== fd) throw new Error(`${file.path} was opened as ${opened} in place of ${fd}`);
}
