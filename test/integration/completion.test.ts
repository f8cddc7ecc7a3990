import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SHELLS } from "../../src/cli/completion/scripts.ts";
import { createShellPlace, type ShellPlace } from "../support/shell.ts";
import { prepareStandalone, type Standalone } from "../support/standalone.ts";

const POD = `apiVersion: v1
kind: Pod
metadata: {name: sleeper}
spec: {hostNetwork: true, containers: [{name: main, image: none, command: [sleep, infinity]}]}
`;

let place: ShellPlace;
let runner: Standalone;

beforeAll(async () => {
  place = await createShellPlace(["kubeadm.yaml", "planes/"]);
  runner = await prepareStandalone();
  await runner.write("manifests/sleeper.yaml", POD);
  runner.run("--pod-manifest-path=manifests");
});
afterAll(async () => {
  await runner.destroy();
  await place.remove();
});

/** What is typed, and what it becomes. */
const LINES = [
  ["slipway sta\t", "slipway status"],
  ["slipway init ph\tcer\tapiserver-k\t", "slipway init phase certs apiserver-kubelet-client"],
  ["slipway init --pod-n\t", "slipway init --pod-network-cidr"],
  ["slipway init phase certs all --kubernetes-v\t", "slipway init phase certs all --kubernetes-version"],
  ["slipway components fetch --components dow\t", "slipway components fetch --components download"],
  ["slipway components fetch --components=dow\t", "slipway components fetch --components=download"],
  ["slipway init --skip-phases addon,show\t", "slipway init --skip-phases addon,show-join-command"],
  ["slipway init --config kub\t", "slipway init --config kubeadm.yaml"],
  ["slipway init --config=kub\t", "slipway init --config=kubeadm.yaml"],
  ["slipway logs nobody-kno\t", "slipway logs nobody-kno"],
] as const;

describe.each(SHELLS)("%s", (shell) => {
  test("completes commands, flags, their values and files", async () => {
    const become = await place.type(
      shell,
      LINES.map(([typed]) => typed),
    );
    expect(become).toEqual(LINES.map(([, line]) => line));
  });

  test("completes directories for a flag that takes one", async () => {
    const [line] = await place.type(shell, ["slipway reset --root pla\t"]);
    // zsh takes the slash back when something else follows.
    expect(line).toMatch(/^slipway reset --root planes\/?$/);
  });

  test("completes the pods of a runner, and a pod's containers", async () => {
    await expect.poll(() => runner.pods().catch(() => [])).toHaveLength(1);
    const logs = `slipway logs --root ${runner.root}`;
    expect(await place.type(shell, [`${logs} sle\t-c \t`])).toEqual([`${logs} sleeper -c main`]);
  });

  test("runs nothing that is typed", async () => {
    // Ctrl-U takes the line back before it is printed.
    await place.type(shell, ["slipway '$(touch ran)' sta\t\x15", "slipway $(touch ran) sta\t\x15"]);
    expect(await readdir(place.dir)).not.toContain("ran");
  });
});
