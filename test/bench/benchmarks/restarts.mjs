import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { row } from "../statistics.mjs";
import { buildPod, openPlainRoot, waitForText } from "./plain-root.mjs";

/** How soon an edited pod's new process and a crashed container's next one run, among four other pods. */
export async function benchmarkRestarts(tools) {
  const plain = await openPlainRoot(tools, "restarts");
  for (let index = 0; index < 4; index += 1) await plain.writePod(buildPod(`sleep-${index}`));
  const pidPath = join(plain.root, "pid");
  // The kubelet's `$$` is one dollar.
  const script = `echo $$$$ > ${pidPath}.new && mv ${pidPath}.new ${pidPath} && exec sleep infinity`;
  const write = (version) =>
    plain.writePod(buildPod("edited", { script, env: [{ name: "V", value: version }] }));
  await write("first");
  await plain.start();
  let pid = await waitForText(pidPath, "");
  const edits = [];
  const crashes = [];
  for (let run = 0; run < (tools.quick ? 5 : 25); run += 1) {
    await sleep(500);
    const editMs = performance.now();
    await write(String(run));
    pid = await waitForText(pidPath, pid);
    edits.push(performance.now() - editMs);
    await sleep(500);
    const crashMs = performance.now();
    process.kill(Number(await readFile(pidPath, "utf8")), "SIGKILL");
    pid = await waitForText(pidPath, pid);
    crashes.push(performance.now() - crashMs);
  }
  await plain.close();
  return [
    row("a manifest's edit until the new process runs", "ms", edits),
    row("a container's first crash until the next process runs", "ms", crashes),
  ];
}
