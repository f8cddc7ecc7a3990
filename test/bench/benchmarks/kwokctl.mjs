import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { measureInTurns } from "../in-turns.mjs";
import { createPoller } from "../poll.mjs";
import { findProcesses } from "../processes.mjs";
import { runCommand } from "../run-command.mjs";
import { ratioRow, row } from "../statistics.mjs";
import { buildKwokctl, KWOK_VERSION } from "./build-kwokctl.mjs";
import { openPlane } from "./init.mjs";

/**
 * Slipway beside kwokctl's binary runtime, in turns: the same four programs as host processes, theirs with two RSA keys,
 * etcd without TLS, and nobody who watches over them. `create` ends when the API server is healthy, so the others are
 * asked after it. Its own kwok-controller, which plays nodes, is left out.
 */
export async function benchmarkKwokctl(tools) {
  const { program, skipped } = await findProgram(tools);
  if (program === undefined) return { skipped };
  const [inits, clusters] = [[], []];
  for (let run = 0; run < (tools.quick ? 2 : 7); run += 1) {
    const plane = await openPlane(tools, "ECDSA-P256");
    const [init, cluster] = await measureInTurns(
      run,
      () => measureSlipway(tools, plane),
      () => measureKwokctl(tools, { plane, program }),
    );
    inits.push(init);
    clusters.push(cluster);
    await plane.close();
    console.error(`  init ${init.seconds.toFixed(2)} s, kwokctl ${cluster.healthySeconds.toFixed(2)} s`);
  }
  return buildRows({ inits, clusters });
}

/** Go says last what it failed on. */
async function findProgram(tools) {
  try {
    return { program: await buildKwokctl(tools) };
  } catch (error) {
    tools.cleanUp.signal.throwIfAborted();
    return { skipped: `kwokctl cannot be built here: ${error.message.trim().split("\n").at(-1)}` };
  }
}

function buildRows({ inits, clusters }) {
  const of = (runs, name) => runs.map((run) => run[name]);
  const kwokctl = `kwokctl ${KWOK_VERSION}`;
  const seconds = of(inits, "seconds");
  const [healthy, resets, deletes] = [
    of(clusters, "healthySeconds"),
    of(inits, "removeSeconds"),
    of(clusters, "removeSeconds"),
  ];
  return [
    row("slipway init beside it, start to exit", "s", seconds),
    row(`${kwokctl} create cluster --wait, start to exit`, "s", of(clusters, "seconds")),
    row(`${kwokctl}: until all four are healthy`, "s", healthy),
    ratioRow("slipway init / kwokctl until all four are healthy", { over: seconds, under: healthy }),
    row("CPU of the init process", "s", of(inits, "cpuSeconds")),
    row("CPU of kwokctl create and its kubectl", "s", of(clusters, "cpuSeconds")),
    row("slipway reset --force, start to exit", "s", resets),
    row("kwokctl delete cluster, which kills, start to exit", "s", deletes),
    ratioRow("slipway reset / kwokctl delete", { over: resets, under: deletes }),
  ];
}

async function measureSlipway(tools, plane) {
  const init = await tools.slipway("init", "--config", plane.configPath, "--root", plane.root);
  const reset = await tools.slipway("reset", "--force", "--root", plane.root);
  return { seconds: init.seconds, cpuSeconds: init.cpuSeconds, removeSeconds: reset.seconds };
}

/** A cluster of kwokctl's on the plane's ports, in a home of its own. */
async function measureKwokctl(tools, { plane, program }) {
  const home = join(tools.dir, "kwokctl");
  await mkdir(home);
  const kwokctl = (...args) => runCommand(tools, { argv: buildCommand(tools, { home, program, args }) });
  const poller = await createPoller();
  const close = tools.cleanUp.add(async () => {
    poller.close();
    await killLeft(home);
    await rm(home, { recursive: true, force: true });
  });
  const startMs = performance.now();
  const create = await kwokctl("create", "cluster", ...buildFlags(tools, plane.ports));
  const { ports } = plane;
  await Promise.all([
    poller.until(`http://127.0.0.1:${ports.etcdClient}/readyz`),
    poller.until(`https://127.0.0.1:${ports.apiServer}/readyz`),
    poller.until(`https://127.0.0.1:${ports.controllerManager}/healthz`),
    poller.until(`https://127.0.0.1:${ports.scheduler}/readyz`),
  ]);
  const healthySeconds = (performance.now() - startMs) / 1000;
  const remove = await kwokctl("delete", "cluster");
  await close();
  return {
    seconds: create.seconds,
    cpuSeconds: create.cpuSeconds,
    healthySeconds,
    removeSeconds: remove.seconds,
  };
}

/** What is not named here, kwokctl would download: kubectl, which it looks for on PATH, too. */
function buildFlags(tools, ports) {
  const names = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];
  return [
    "--runtime=binary",
    "--disable=kwok-controller",
    "--wait=3m",
    ...names.map((name) => `--${name}-binary=${tools.programs[name]}`),
    `--etcd-port=${ports.etcdClient}`,
    `--kube-apiserver-port=${ports.apiServer}`,
    `--kube-controller-manager-port=${ports.controllerManager}`,
    `--kube-scheduler-port=${ports.scheduler}`,
  ];
}

/** Without this process's variables, of which kwokctl heeds KWOK_… and KUBECONFIG. */
function buildCommand(tools, { home, program, args }) {
  const path = `PATH=${dirname(tools.programs.kubectl)}:/usr/bin:/bin`;
  return ["env", "-i", `HOME=${home}`, path, program, ...args];
}

/** After a failure kwokctl may no longer know what it has started: every process has its home in its arguments. */
async function killLeft(home) {
  const find = () => findProcesses((argv) => argv.some((word) => word.includes(`${home}/`)));
  for (let left = await find(); left.length > 0; left = await find()) {
    for (const pid of left) killIfThere(pid);
    await sleep(20);
  }
}

function killIfThere(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}
