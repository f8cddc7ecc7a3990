import { spawn } from "node:child_process";
import { generateKeyPair } from "node:crypto";
import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { parse } from "yaml";
import { createPoller } from "./poll.mjs";

/** How many keys kubeadm makes: ten certificates, service accounts, five kubeconfigs. */
const KEY_COUNT = 16;

/**
 * The least that must happen: the four programs started by hand in the order in which they can work, with the command
 * lines, certificates and kubeconfigs of a plane that an earlier init made, and a fresh etcd. Nobody watches over them.
 * With `algorithm` it makes sixteen keys first, two at a time. Gives the seconds until all four are healthy, and until
 * kube-root-ca.crt, which every pod needs, is in the default namespace.
 */
export async function runFloor(tools, { plane, algorithm }) {
  const commands = await readCommands(tools, plane);
  await rm(join(plane.root, "var/lib/etcd/member"), { recursive: true, force: true });
  const poller = await createPoller(join(plane.root, "etc/kubernetes/super-admin.conf"));
  const started = [];
  const stop = tools.cleanUp.add(async () => {
    poller.close();
    await Promise.all(started.map(end));
  });
  const start = async (name) => {
    tools.cleanUp.signal.throwIfAborted();
    started.push(await startProgram(commands[name], join(plane.dir, `${name}.log`)));
  };
  const { ports } = plane;
  const at = (port, path) => `https://127.0.0.1:${port}/${path}`;

  const startMs = performance.now();
  const elapsed = () => (performance.now() - startMs) / 1000;
  if (algorithm !== undefined) await makeKeys();
  await start("etcd");
  await poller.until(`http://127.0.0.1:${ports.etcdMetrics}/readyz`);
  await start("kube-apiserver");
  await poller.until(at(ports.apiServer, "readyz"));
  await Promise.all([start("kube-controller-manager"), start("kube-scheduler")]);
  const rootCa = poller
    .until(at(ports.apiServer, "api/v1/namespaces/default/configmaps/kube-root-ca.crt"))
    .then(elapsed);
  await Promise.all([
    poller.until(at(ports.controllerManager, "healthz")),
    poller.until(at(ports.scheduler, "readyz")),
  ]);
  const healthySeconds = elapsed();
  const rootCaSeconds = await rootCa;
  await stop();
  return { healthySeconds, rootCaSeconds };
}

/** Makes the sixteen RSA-2048 keys, two at a time. */
async function makeKeys() {
  const makeOne = promisify(generateKeyPair);
  const makeHalf = async () => {
    for (let count = 0; count < KEY_COUNT / 2; count += 1) await makeOne("rsa", { modulusLength: 2048 });
  };
  await Promise.all([makeHalf(), makeHalf()]);
}

/** The command lines of the manifests, each with the binary in the place of its first word. */
async function readCommands(tools, plane) {
  const names = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];
  const entries = names.map(async (name) => {
    const text = await readFile(join(plane.root, `etc/kubernetes/manifests/${name}.yaml`), "utf8");
    const [, ...args] = parse(text).spec.containers[0].command;
    return [name, [tools.programs[name], ...args]];
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function startProgram([program, ...args], logPath) {
  const log = await open(logPath, "w");
  const child = spawn(program, args, { stdio: ["ignore", log.fd, log.fd] });
  await log.close();
  return { child, ended: new Promise((resolve) => child.once("exit", resolve)) };
}

/** Killed, not asked: nothing of it is needed any more. */
async function end({ child, ended }) {
  child.kill("SIGKILL");
  await Promise.race([ended, sleep(10_000, undefined, { ref: false })]);
}
