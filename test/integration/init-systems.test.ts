import { afterEach, describe, expect, test } from "vitest";
import {
  type BootedMachine,
  createBootedMachine,
  type InitSystem,
} from "../support/booted/booted-machine.ts";
import { MAIN } from "../support/plane.ts";

const SLIPWAY = `${process.execPath} ${MAIN}`;
const POLL = { timeout: 60_000, interval: 200 };
/** A control plane that starts twice: 20 s when quiet. */
const TIMEOUT_MS = 180_000;

/** What the script's own first lines say of how it is installed; and how else a service and a machine are ended. */
const COMMANDS = {
  openrc: {
    enable: "rc-update add slipway-runner default && rc-service slipway-runner start",
    service: "rc-service slipway-runner",
    reboot: "openrc-shutdown --reboot now",
  },
  sysv: {
    enable: "update-rc.d slipway-runner defaults",
    service: "/etc/init.d/slipway-runner",
    reboot: "shutdown -r now",
  },
} satisfies Record<InitSystem, Record<string, string>>;

/** It takes 2 s to end, and says when. */
const POD = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostNetwork: true
  containers:
  - name: web
    image: local/web:1
    command: [/bin/sh, -c, "echo started; trap 'echo told; sleep 2; echo ended; exit' TERM; while :; do sleep 0.05; done"]
`;

let machine: BootedMachine;
afterEach(() => machine.destroy());

const run = async (script: string): Promise<string> => {
  const { exitCode, stdout, stderr } = await machine.run(script);
  expect({ script, exitCode, stderr, console: await machine.readConsole() }).toMatchObject({ exitCode: 0 });
  return stdout;
};
const readPids = async (): Promise<readonly number[]> => {
  const { items } = JSON.parse(await run(`${SLIPWAY} ps -o json`)) as {
    items: { containers: { pid: number }[] }[];
  };
  return items.flatMap(({ containers }) => containers.map(({ pid }) => pid)).sort();
};
const readLog = async (): Promise<string[]> => (await run(`${SLIPWAY} logs web`)).split("\n");

// It needs root for its namespaces and its mounts.
describe.runIf(process.getuid?.() === 0)("a machine that is started by", () => {
  test.each(["sysv", "openrc"] as const)(
    "%s has its control plane back after a reboot, and pods that were told to end",
    async (init) => {
      machine = await createBootedMachine(init);
      const { enable, service, reboot } = COMMANDS[init];
      await machine.boot();
      await run(`${SLIPWAY} init
${SLIPWAY} runner boot-script --init ${init} >/etc/init.d/slipway-runner
chmod 755 /etc/init.d/slipway-runner
${enable}`);
      await run(`cat >/etc/kubernetes/manifests/web.yaml <<'END'\n${POD}END`);
      await expect.poll(readLog, POLL).toEqual(["started"]);

      const pids = await readPids();
      expect(pids).toHaveLength(5);
      await run(`${service} stop`);
      expect((await machine.run(`${SLIPWAY} runner status`)).exitCode).not.toBe(0);
      await run(`${service} start`);
      expect(await readPids()).toEqual(pids);

      await machine.run(reboot);
      await machine.whenDown();
      await machine.boot();
      await expect.poll(async () => (await machine.run(`${SLIPWAY} status`)).exitCode, POLL).toBe(0);
      expect((await run(`${SLIPWAY} logs --previous web`)).split("\n")).toEqual(["started", "told", "ended"]);
      expect(await readLog()).toEqual(["started"]);
    },
    TIMEOUT_MS,
  );
});
