import { afterEach, expect, test } from "vitest";
import { sit } from "../support/sit.ts";
import { prepareStandalone, type Standalone } from "../support/standalone.ts";
import { createTempTree } from "../support/temp-tree.ts";

const POD = `apiVersion: v1
kind: Pod
metadata: {name: sleeper}
spec: {containers: [{name: main, image: none, command: [sleep, infinity]}]}
`;

let runner: Standalone | undefined;
afterEach(async () => {
  await runner?.destroy();
  runner = undefined;
});

test("who ends a runner in the foreground with Ctrl-C is told that pods go on, and how to end them", async () => {
  runner = await prepareStandalone();
  await runner.write("manifests/sleeper.yaml", POD);
  const { root, dir } = runner;
  const run = ["runner", "run", "--root", root, `--pod-manifest-path=${dir}/manifests`];
  const person = sit(run);
  await expect.poll(person.said).toContain("container started");
  person.type("\x03");
  expect((await person.ended).exitCode).toBe(130);
  expect(person.said()).toContain(
    `The runner has ended; its pods go on. See them: slipway ps --root ${root} ` +
      `Stop them: slipway runner stop --root ${root} --pods`,
  );
  const machine = sit([...run, "--log-format=json"]);
  await expect.poll(machine.said).toContain("following manifests");
  machine.type("\x03");
  await machine.ended;
  expect(machine.said()).not.toContain("go on");
});

test("an answer that init would refuse keeps the question open and says why", async () => {
  const root = createTempTree({});
  const person = sit(["init", "--root", root, "--apiserver-advertise-address", "127.0.0.1"]);
  await expect.poll(person.said).toContain("Which Kubernetes version?");
  person.type("\r");
  await expect.poll(person.said).toContain("Which network for pods?");
  person.type("10.244.0.0/8\r");
  await expect
    .poll(person.said)
    .toContain("10.244.0.0/8 is all of 10.0.0.0/8; write that, or a longer prefix");
  person.type(`${"\x7f".repeat(12)}10.0.0.0/8\r`);
  await expect.poll(person.said).toContain("10.0.0.0/8 overlaps with the service network 10.96.0.0/12");
  person.type("\x03");
  expect((await person.ended).exitCode).not.toBe(0);
});
