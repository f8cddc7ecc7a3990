import { expect, test } from "vitest";
import { decodeKubeletConfiguration } from "../../../../src/runner/settings/decode-kubelet.ts";

test.each([
  [{}, { maxPods: 110, port: 10_250, healthzPort: 10_248, nodeLeaseDurationSeconds: 40 }],
  [
    { maxPods: 0, port: 0, nodeLeaseDurationSeconds: 0 },
    { maxPods: 110, port: 10_250 },
  ],
  [
    { healthzPort: 0, podPidsLimit: 0 },
    { healthzPort: 0, podPidsLimit: 0 },
  ],
  [
    { fileCheckFrequency: "0s", httpCheckFrequency: "5s" },
    { fileCheckFrequencyMs: 20_000, httpCheckFrequencyMs: 5000 },
  ],
  [
    { containerLogMaxSize: "-1", containerLogMaxFiles: 2 },
    { containerLogMaxSizeBytes: -1, containerLogMaxFiles: 2 },
  ],
])("%j is taken as a kubelet takes it", (document, wanted) => {
  expect(decodeKubeletConfiguration(document)).toMatchObject({ kind: "decoded", configuration: wanted });
});

test.each([
  ["maxPods", -1, "is less than 0"],
  ["maxPods", 1.5, "is no whole number"],
  ["port", 70_000, "is more than 65535"],
  ["healthzPort", -1, "is less than 0"],
  ["nodeLeaseDurationSeconds", -40, "is less than 0"],
  ["podPidsLimit", 0.5, "is no whole number"],
  ["containerLogMaxFiles", 1, "is less than 2"],
  ["containerLogMaxSize", "much", "is no quantity such as 10Mi"],
  ["fileCheckFrequency", "20", "is no duration such as 20s"],
])("%s: %j is refused, as a kubelet refuses it", (field, value, message) => {
  expect(decodeKubeletConfiguration({ [field]: value })).toEqual({
    kind: "wrong",
    faults: [{ path: [field], message }],
  });
});
