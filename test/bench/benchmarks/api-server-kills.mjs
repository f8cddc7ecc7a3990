import { spawn } from "node:child_process";
import { access, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createPoller } from "../poll.mjs";
import { ratioRow, row } from "../statistics.mjs";

const KILLS = 6;

/**
 * How long a plane is without its API server when it is killed six times in a row, beside the server's own start: the
 * same command line started by hand, with nobody else about.
 */
export async function benchmarkApiServerKills(tools) {
  const plane = await tools.openPlane();
  await tools.slipway("init", "--config", plane.configPath, "--root", plane.root);
  const poller = await createPoller(join(plane.root, "etc/kubernetes/super-admin.conf"));
  const forget = tools.cleanUp.add(async () => poller.close());
  const ready = () => poller.until(`https://127.0.0.1:${plane.ports.apiServer}/readyz`);
  const { stdout } = await tools.slipway("runner", "status", "--root", plane.root, "-o", "json");
  process.kill(JSON.parse(stdout).pid, "SIGKILL");
  const own = await measureOwnStarts(tools, { plane, ready });
  await tools.slipway("runner", "start", "--root", plane.root);
  await ready();
  const kills = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const pid = await findApiServer(tools, plane);
    const startMs = performance.now();
    process.kill(pid, "SIGKILL");
    await ready();
    kills.push((performance.now() - startMs) / 1000);
  }
  await forget();
  await plane.close();
  return [
    row("kube-apiserver's own start until ready", "s", own),
    row("kube-apiserver killed six times in a row, until ready again", "s", kills),
    ratioRow("killed until ready / own start", { over: kills, under: own }),
  ];
}

async function measureOwnStarts(tools, { plane, ready }) {
  const pid = await findApiServer(tools, plane);
  const [program, ...args] = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0").slice(0, -1);
  process.kill(pid, "SIGKILL");
  // It has its port until it is gone.
  while (
    await access(`/proc/${pid}`).then(
      () => true,
      () => false,
    )
  )
    await sleep(5);
  const seconds = [];
  for (let run = 0; run < KILLS; run += 1) {
    const startMs = performance.now();
    const logPath = join(plane.dir, "kube-apiserver.log");
    const log = await open(logPath, "w");
    const child = spawn(program, args, { stdio: ["ignore", log.fd, log.fd] });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await log.close();
    const stop = tools.cleanUp.add(async () => {
      child.kill("SIGKILL");
      await ended;
    });
    const failed = ended.then(async () => {
      throw new Error(`kube-apiserver ended: ${(await readFile(logPath, "utf8")).slice(-2000)}`);
    });
    await Promise.race([ready(), failed]);
    failed.catch(() => undefined);
    seconds.push((performance.now() - startMs) / 1000);
    await stop();
  }
  return seconds;
}

async function findApiServer(tools, plane) {
  const { stdout } = await tools.slipway("ps", "--root", plane.root, "-o", "json");
  const { items } = JSON.parse(stdout);
  const found = items.find(({ pod }) => pod.metadata.labels?.component === "kube-apiserver");
  return found.containers[0].pid;
}
