import { join } from "node:path";
import { expect, test } from "vitest";
import { API_ANSWERS_ID } from "../../../../src/plan/manifest-step.ts";
import { createTempTree } from "../../../support/temp-tree.ts";
import { KUBECONFIG, startWait } from "../../../support/wait-trial.ts";

test("an API server that remembers what its etcd has not ends the wait", async () => {
  const kubeconfigPath = join(createTempTree({ "admin.conf": KUBECONFIG }), "admin.conf");
  const { outcome } = startWait({
    step: { component: "kube-apiserver", runtime: "external", kubeconfigPath },
    pods: () => [],
    answers: [200],
    request: async ({ path }) => ({ status: path.endsWith("=0") ? 200 : 404, body: {}, text: "" }),
  });
  await expect(outcome).rejects.toMatchObject({ code: "SLIPWAY_DATA_LOST" });
});

test.each([
  ["another cluster's", 200, "a"],
  ["new", 404, "b"],
])(
  "before init makes its objects etcd's data that are %s are told from its own",
  async (_name, made, kept) => {
    const kubeconfigPath = join(createTempTree({ "admin.conf": KUBECONFIG }), "admin.conf");
    const { outcome, readKept } = startWait({
      ledger: { clusterUid: "a" },
      step: { id: API_ANSWERS_ID, component: "kube-apiserver", runtime: "external", kubeconfigPath },
      pods: () => [],
      answers: [200],
      request: async ({ path }) => {
        const status = path.endsWith("/kubeadm-config") ? made : 200;
        return { status, body: { metadata: { uid: "b" } }, text: "" };
      },
    });
    const code = await outcome.then(
      () => undefined,
      (error) => error.code,
    );
    expect([code, readKept()]).toEqual([made === 200 ? "SLIPWAY_DATA_LOST" : undefined, kept]);
  },
);
