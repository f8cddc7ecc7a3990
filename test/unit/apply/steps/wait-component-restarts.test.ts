import { expect, test } from "vitest";
import type { PodReport } from "../../../../src/control/protocol.ts";
import type { ControlPlaneComponent } from "../../../../src/core/constants.ts";
import { buildComponentReport, buildEnd } from "../../../support/build-report.ts";
import { advanceUntilDone } from "../../../support/fake-clock.ts";
import { asWanted, reportWanted, startWait } from "../../../support/wait-trial.ts";

test("one that runs with older files is restarted once, and how it ends for that is no failure", async () => {
  const posts: string[] = [];
  const runs = [
    { restartCount: 3, state: { running: { startedAt: "2001-01-01T00:00:00Z" } } },
    { restartCount: 3, ready: false, state: buildEnd() },
    { restartCount: 4, state: { running: { startedAt: "2999-01-01T00:00:00Z" } }, lastState: buildEnd() },
  ];
  let looks = 0;
  const { system, outcome } = startWait({
    loads: ["sa.key"],
    posts,
    pods: () => {
      const status = runs[Math.min(2, Math.floor(looks / 20))] ?? {};
      looks += 1;
      return [reportWanted({ status })];
    },
    answers: ["refused", "refused", 200],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await outcome;
  expect(posts).toEqual(["/v1/pods/kube-system/etcd-n1/restart"]);
  expect(looks).toBeGreaterThan(40);
});

test("a start that failed before the wait is asked for again, and judged by how that goes", async () => {
  const posts: string[] = [];
  const inPause = (nextStartAt: string | undefined, message = "the disk is read-only") =>
    reportWanted({
      status: { ready: false, state: { waiting: { reason: "RunContainerError", message } } },
      container: { pid: undefined, nextStartAt },
    });
  // As it was found, while it is tried again, and after that has failed, too.
  const seen = [
    inPause("2999-01-01T00:00:00Z"),
    inPause(undefined),
    inPause("2999-01-01T00:00:05Z", "no program"),
  ];
  let looks = 0;
  const { system, outcome, waits } = startWait({
    posts,
    pods: () => {
      looks += 1;
      return [seen[Math.min(2, Math.floor(looks / 4))] ?? reportWanted()];
    },
    answers: ["refused"],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await expect(outcome).rejects.toMatchObject({ code: "SLIPWAY_COMPONENT_FAILED", why: "no program" });
  expect(posts).toEqual(["/v1/pods/kube-system/etcd-n1/restart"]);
  expect(waits.slice(0, -1).join()).not.toContain("RunContainerError");
});

/** The API server after a restart, and a component that began before or behind it; restarted it is ready. */
function besideServer(
  component: ControlPlaneComponent,
  change: { readonly ready?: boolean; readonly startedAt?: string; readonly posts: readonly string[] },
): readonly PodReport[] {
  const { ready = false, startedAt = "2026-11-22T16:00:00Z", posts } = change;
  const server = buildComponentReport("kube-apiserver", {
    status: {
      state: { running: { startedAt: "2026-11-22T16:30:01Z" } },
      lastState: buildEnd({ finishedAt: "2026-11-22T16:30:00Z" }),
    },
  });
  const again = { ready: false, restartCount: 1, state: { running: { startedAt: "2026-11-22T16:30:02Z" } } };
  const status = posts.length > 0 ? again : { ready, state: { running: { startedAt } } };
  return [server, asWanted(buildComponentReport(component, { status }))];
}

test.each([
  ["kube-scheduler", {}, 1],
  ["kube-controller-manager", { startedAt: "2026-11-22T16:30:00Z" }, 1],
  ["kube-scheduler", { ready: true }, 0],
  ["kube-scheduler", { startedAt: "2026-11-22T16:30:01Z" }, 0],
  ["etcd", {}, 0],
] as const)(
  "a %s of which is known %j is restarted %d times for an API server that was before",
  async (component, change, times) => {
    const posts: string[] = [];
    const { system, outcome } = startWait({
      step: { component },
      posts,
      pods: () => besideServer(component, { ...change, posts }),
      answers: ["refused", "refused", 200],
    });
    await advanceUntilDone(system.clock, { done: outcome });
    await outcome;
    expect(posts).toEqual(Array(times).fill(`/v1/pods/kube-system/${component}-n1/restart`));
  },
);
