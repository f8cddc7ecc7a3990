import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { endSpoolKeeper, startSpoolKeeper } from "../../src/runtime/logs/spool-keeper.ts";
import { createProcesses } from "../../src/runtime/processes.ts";
import { createSystem } from "../../src/system/create-system.ts";
import { processesNaming } from "../support/machine.ts";
import { buildManifest } from "../support/pod-runner.ts";
import { createRuntimeFixture, readMessages } from "../support/runtime-fixture.ts";
import { prepareStandalone } from "../support/standalone.ts";

const silent = (): undefined => undefined;
const system = createSystem({ log: { error: silent, warn: silent, info: silent, debug: silent } });

// Writes 1.1 GiB for real: what is tried is that file systems, shells and both runtimes agree.
test("while no runner lives one process bounds what all containers write, and the next runner reads no hole", async () => {
  const fixture = createRuntimeFixture();
  onTestFinished(() => fixture.cleanUp());
  const runner = spawn("sleep", ["1000"]);
  const gone = { ...system, host: { ...system.host, pid: runner.pid ?? 0 } };
  const keeper = { containersDir: fixture.containersDir, processes: await createProcesses(system) };
  const runtime = await fixture.open();
  const line = "x".repeat(999);
  const script = `read -r go <${fixture.dir}/go; yes ${line} | head -c 1150000000; echo last; exec sleep 1000`;
  execFileSync("mkfifo", [join(fixture.dir, "go")]);
  const { id, spec } = await runtime.start(fixture.spec({ command: ["sh", "-c", script] }));
  await startSpoolKeeper(gone, {
    ...keeper,
    limits: { maxSizeBytes: 10 << 20, maxFiles: 5 },
    everySeconds: 1,
  });
  await runtime.close();
  runner.kill("SIGKILL");
  writeFileSync(join(fixture.dir, "go"), "go\n");
  const spool = join(fixture.containersDir, id, "spool/stdout");
  await expect.poll(() => statSync(spool).size, { timeout: 30_000 }).toBe(1_150_000_005);
  await expect.poll(() => statSync(spool).blocks * 512).toBeLessThan(700 << 20);
  await fixture.open();
  await expect.poll(() => readMessages(spec.logPath, "stdout").at(-1), { timeout: 30_000 }).toBe("last");
  const rotated = readdirSync(dirname(spec.logPath)).map((name) => join(dirname(spec.logPath), name));
  for (const path of rotated)
    expect(
      execFileSync("sh", ["-c", `zcat -f ${path} | tr -d -c '\\000' | wc -c`], { encoding: "utf8" }),
    ).toBe("0\n");
  await endSpoolKeeper(system, keeper);
  expect(existsSync(join(fixture.containersDir, ".spool-keeper"))).toBe(false);
}, 120_000);

test("a killed runner leaves one such process, the next has its own, and none is left with the last pod", async () => {
  const alone = await prepareStandalone();
  onTestFinished(() => alone.destroy());
  const keepers = (): readonly number[] =>
    processesNaming(alone.root).flatMap(({ pid, args }) =>
      args.includes("slipway-spool-keeper") ? [pid] : [],
    );
  await alone.write("manifests/a.yaml", JSON.stringify(buildManifest("a", { script: "exec sleep 1000" })));
  const kubelet = {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    healthzPort: 0,
  };
  await alone.write(
    "kubelet.yaml",
    JSON.stringify({ ...kubelet, staticPodPath: join(alone.dir, "manifests") }),
  );
  const start = (): void => alone.run("--config=kubelet.yaml");
  start();
  await expect.poll(async () => (await alone.ps()).items.length).toBe(1);
  await expect.poll(keepers).toHaveLength(1);
  const [first] = keepers();
  await alone.kill();
  expect(keepers()).toEqual([first]);
  start();
  await expect.poll(keepers).not.toContain(first);
  await expect.poll(keepers).toHaveLength(1);
  await alone.slipway("runner", "stop", "--pods");
  await expect.poll(keepers).toEqual([]);
});
