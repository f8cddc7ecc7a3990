import { measureIdle } from "./measure-idle.mjs";

/** The idle runner of a control plane: four pods with their probes, the Node, its lease and the mirror pods. */
export async function benchmarkRunner(tools) {
  const plane = await tools.openPlane();
  await tools.slipway("init", "--config", plane.configPath, "--root", plane.root);
  const rows = await measureIdle(tools, { root: plane.root, what: "a control plane" });
  await plane.close();
  return rows;
}
