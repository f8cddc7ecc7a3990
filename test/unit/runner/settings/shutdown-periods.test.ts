import { expect, test } from "vitest";
import { decodeKubeletConfiguration } from "../../../../src/runner/settings/decode-kubelet.ts";
import { selectShutdownPeriod } from "../../../../src/runner/settings/shutdown-periods.ts";

function decode(fields: Readonly<Record<string, unknown>>) {
  const decoded = decodeKubeletConfiguration(fields);
  return decoded.kind === "decoded"
    ? decoded.configuration.shutdownPeriods
    : decoded.faults.map(({ path, message }) => `${path.join(".")} ${message}`);
}

test("two durations are a period for ordinary and one for critical pods", () => {
  expect(decode({ shutdownGracePeriod: "30s", shutdownGracePeriodCriticalPods: "10s" })).toEqual([
    { priority: 0, graceSeconds: 20 },
    { priority: 2_000_000_000, graceSeconds: 10 },
  ]);
  expect(decode({ shutdownGracePeriod: "0s" })).toEqual([]);
  expect(decode({})).toEqual([]);
});

test("periods by priority are sorted, and a pod below all has the lowest", () => {
  const periods = decode({
    shutdownGracePeriodByPodPriority: [
      { priority: 1000, shutdownGracePeriodSeconds: 5 },
      { priority: 10, shutdownGracePeriodSeconds: 60 },
    ],
  });
  expect(periods).toEqual([
    { priority: 10, graceSeconds: 60 },
    { priority: 1000, graceSeconds: 5 },
  ]);
  const list = [
    { priority: 10, graceSeconds: 60 },
    { priority: 1000, graceSeconds: 5 },
  ];
  const graces = [0, 10, 999, 1000, 5000].map(
    (priority) => selectShutdownPeriod(list, priority)?.graceSeconds,
  );
  expect(graces).toEqual([60, 60, 60, 5, 5]);
});

test("what the kubelet refuses is refused by name", () => {
  expect(decode({ shutdownGracePeriod: "5s", shutdownGracePeriodCriticalPods: "10s" })).toEqual([
    "shutdownGracePeriodCriticalPods must be at most shutdownGracePeriod",
  ]);
  expect(decode({ shutdownGracePeriod: "500ms" })).toEqual(["shutdownGracePeriod must be 0s or at least 1s"]);
  expect(
    decode({
      shutdownGracePeriod: "5s",
      shutdownGracePeriodByPodPriority: [{ priority: 1, shutdownGracePeriodSeconds: 5 }],
    }),
  ).toEqual(["shutdownGracePeriodByPodPriority cannot be set together with shutdownGracePeriod"]);
  expect(decode({ shutdownGracePeriod: "soon" })).toEqual(["shutdownGracePeriod is no duration such as 30s"]);
});
