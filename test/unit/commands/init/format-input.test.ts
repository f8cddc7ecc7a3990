import { expect, test } from "vitest";
import { formatInput } from "../../../../src/commands/init/format-input.ts";
import { sampleInitOptions } from "../../../support/init-options.ts";

test("the words of a command line are told whole, as a shell reads them, without what is secret", () => {
  const options = sampleInitOptions("/r", {
    configPath: "k.yaml",
    flags: {
      podNetworkCidr: "10.9.0.0/16",
      patches: "my patches",
      featureGates: { A: true, B: false },
      skipPhases: ["addon", "mark-control-plane"],
      token: "abcdef.0123456789abcdef",
      certificateKey: "5e",
    },
    addons: true,
    userKubeconfig: true,
  });
  expect(formatInput(options)).toBe(
    "--feature-gates A=true,B=false --patches 'my patches' --pod-network-cidr 10.9.0.0/16 --skip-phases addon,mark-control-plane --runtime external --addons --user-kubeconfig",
  );
  expect(formatInput(sampleInitOptions("/", { runtime: "host" }))).toBe("");
});
