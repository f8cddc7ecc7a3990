import { measureIdle } from "./measure-idle.mjs";
import { buildPod, openPlainRoot, waitForShims } from "./plain-root.mjs";

const POD_COUNT = 4;

/** The idle runner without a cluster, with four pods that only sleep. */
export async function benchmarkPlainRunner(tools) {
  const plain = await openPlainRoot(tools, "plain");
  for (let index = 0; index < POD_COUNT; index += 1) await plain.writePod(buildPod(`sleep-${index}`));
  await plain.start();
  await waitForShims(plain.root, POD_COUNT);
  const rows = await measureIdle(tools, { root: plain.root, what: "four sleeping pods" });
  await plain.close();
  return rows;
}
