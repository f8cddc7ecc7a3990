import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DiagnosisAnswer } from "../../src/commands/doctor/doctor.ts";
import type { EventsAnswer } from "../../src/commands/view/events.ts";
import { succeed } from "../support/plane.ts";
import { prepareStandalone, type Standalone } from "../support/standalone.ts";

let runner: Standalone;

beforeAll(async () => {
  runner = await prepareStandalone();
  for (const [name, command] of Object.entries(COMMANDS))
    await runner.write(`manifests/${name}.yaml`, describePod(name, command));
  run();
});
afterAll(() => runner.destroy());

const COMMANDS = {
  fine: "command: [sleep, '600']",
  crash: "command: [sh, -c, 'echo cannot open the database >&2; exit 3']",
  image: "",
  port: "command: [sleep, '600']\n    ports: [{containerPort: 18099}]",
  same: "command: [sleep, '600']\n    ports: [{containerPort: 18099}]",
};

function describePod(name: string, command: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  terminationGracePeriodSeconds: 0\n  containers:\n  - name: c\n    image: nginx\n    ${command}\n`;
}

function run(): void {
  runner.run("--pod-manifest-path", "manifests", "--hostname-override", "n");
}

/** `type reason pod message` of each event. */
async function readEvents(): Promise<{ readonly lines: readonly string[]; readonly stderr: string }> {
  const { stdout, stderr } = await runner.slipway("events", "-o", "json");
  // The program's own answer, whose form unit tests hold.
  const { items } = JSON.parse(stdout) as EventsAnswer;
  const lines = items.map(({ type, reason, pod, message }) => `${type} ${reason} ${pod ?? "-"} ${message}`);
  return { lines, stderr };
}

test("doctor of a runner without a control plane names its pods that fail, why, and what to do", async () => {
  await runner.write("manifests/broken.yaml", "apiVersion: v1\n  kind: Pod\n");
  const diagnose = async () => {
    const { stdout } = await runner.slipway("doctor", "-o", "json");
    return (JSON.parse(stdout) as DiagnosisAnswer).findings;
  };
  await expect
    .poll(async () => (await diagnose()).map(({ name }) => name))
    .toEqual(["Manifest", expect.stringMatching(/^Pod-(?:port|same)-n$/), "Pod-crash-n", "Pod-image-n"]);
  const [manifest, port, crash, image] = await diagnose();
  expect(manifest?.why).toMatch(/^line 1: /);
  expect(port?.why).toMatch(/18099\/TCP is taken by the pod default\/(?:port|same)-n$/);
  expect(crash).toMatchObject({
    what: expect.stringMatching(/^crash-n\/c: ended with exit code 3/),
    why: "cannot open the database",
  });
  expect(image?.fix).toMatch(/^give the container a command/);
});

test("what happened is known after the runner was killed, without one and with the next", async () => {
  const expected = [
    expect.stringMatching(/^Warning FailedValidation - \S+broken\.yaml: line 1: /),
    "Warning Ended crash-n Container ended with exit code 3",
    expect.stringMatching(/^Warning BackOff crash-n Back-off restarting failed container c in pod crash-n_/),
  ];
  await expect.poll(readEvents).toMatchObject({ lines: expect.arrayContaining(expected), stderr: "" });
  const [pid] = (await runner.ps()).items.flatMap(({ pod, containers }) =>
    pod.metadata.name === "fine-n" ? (containers[0]?.pid ?? []) : [],
  );
  await runner.kill();
  process.kill(pid ?? 0, "SIGKILL");
  const left = await readEvents();
  expect(left.lines).toEqual(expect.arrayContaining(expected));
  expect(left.stderr).toContain("no runner answers");
  run();
  await expect
    .poll(async () => (await readEvents()).lines)
    .toEqual(expect.arrayContaining([...expected, "Warning Ended fine-n Container ended with signal 9"]));
  succeed(await runner.slipway("reset", "--force"));
  expect(await readdir(runner.dir)).not.toContain("root");
});
