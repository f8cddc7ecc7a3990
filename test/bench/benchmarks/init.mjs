import { runFloor } from "../floor.mjs";
import { measureInTurns } from "../in-turns.mjs";
import { readCpuSeconds } from "../processes.mjs";
import { ratioRow, row } from "../statistics.mjs";

/**
 * `init` with the components in the cache, the whole command, against the floor, in turns. ECDSA keys cost next to
 * nothing, so that floor has ready ones; with RSA it makes as many keys itself.
 */
export async function benchmarkInit(tools, { algorithm }) {
  const floorPlane = await prepareFloorPlane(tools, algorithm);
  const inits = [];
  const floors = [];
  for (let run = 0; run < (tools.quick ? 2 : 7); run += 1) {
    const [init, floor] = await measureInTurns(
      run,
      () => measureInit(tools, algorithm),
      () => runFloor(tools, { plane: floorPlane, ...(algorithm === "ECDSA-P256" ? {} : { algorithm }) }),
    );
    inits.push(init);
    floors.push(floor);
    console.error(`  init ${init.seconds.toFixed(2)} s, floor ${floor.healthySeconds.toFixed(2)} s`);
  }
  await floorPlane.close();
  return buildRows({ inits, floors, algorithm });
}

function buildRows({ inits, floors, algorithm }) {
  const of = (runs, name) => runs.map((run) => run[name]);
  const floor = algorithm === "ECDSA-P256" ? "floor" : `sixteen ${algorithm} keys, then floor`;
  const seconds = of(inits, "seconds");
  return [
    row(`init, ${algorithm}, start to exit`, "s", seconds),
    row(`${floor} until all four are healthy`, "s", of(floors, "healthySeconds")),
    row(`${floor} until kube-root-ca.crt is in default`, "s", of(floors, "rootCaSeconds")),
    ratioRow("init / floor until healthy", { over: seconds, under: of(floors, "healthySeconds") }),
    ratioRow("init / floor until kube-root-ca.crt", { over: seconds, under: of(floors, "rootCaSeconds") }),
    row("CPU of the init process", "s", of(inits, "cpuSeconds")),
    row("CPU of the runner until init ends", "s", of(inits, "runnerCpuSeconds")),
    row("reset --force, start to exit", "s", of(inits, "resetSeconds")),
  ];
}

async function measureInit(tools, algorithm) {
  const plane = await openPlane(tools, algorithm);
  const init = await tools.slipway("init", "--config", plane.configPath, "--root", plane.root);
  const { stdout } = await tools.slipway("runner", "status", "--root", plane.root, "-o", "json");
  const runnerCpuSeconds = await readCpuSeconds(JSON.parse(stdout).pid);
  const reset = await tools.slipway("reset", "--force", "--root", plane.root);
  await plane.close();
  return {
    seconds: init.seconds,
    cpuSeconds: init.cpuSeconds,
    runnerCpuSeconds,
    resetSeconds: reset.seconds,
  };
}

/** A plane whose files are there and whose programs are not running; making it also warms the page cache. */
async function prepareFloorPlane(tools, algorithm) {
  const plane = await openPlane(tools, algorithm);
  await tools.slipway("init", "--config", plane.configPath, "--root", plane.root);
  await tools.slipway("runner", "stop", "--pods", "--root", plane.root);
  return plane;
}

/** A plane that is not there yet, whose keys are of that algorithm. */
export async function openPlane(tools, algorithm) {
  const plane = await tools.openPlane();
  await plane.editConfig((text) =>
    text.replace(/^kubernetesVersion:/m, `encryptionAlgorithm: ${algorithm}\nkubernetesVersion:`),
  );
  return plane;
}
