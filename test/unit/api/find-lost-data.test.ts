import { expect, test } from "vitest";
import { findLostData, readClusterUid } from "../../../src/api/find-lost-data.ts";
import type { ApiResponse } from "../../../src/api/types.ts";
import { SlipwayError } from "../../../src/core/errors.ts";

const MISSING: ApiResponse = { status: 404, body: {}, text: "" };
const FORBIDDEN: ApiResponse = { status: 403, body: {}, text: "" };

function namespace(uid: string): ApiResponse {
  return { status: 200, body: { metadata: { uid } }, text: "" };
}

/** What is found where etcd and the API server's memory give these answers; undefined: none. */
function find(
  answers: {
    readonly stored: ApiResponse | undefined;
    readonly remembered: ApiResponse | undefined;
    readonly made?: ApiResponse;
  },
  options?: Parameters<typeof findLostData>[1],
) {
  const request = async ({ path }: { readonly path: string }): Promise<ApiResponse> => {
    const isMemory = path.endsWith("?resourceVersion=0");
    const isMade = path.endsWith("/configmaps/kubeadm-config");
    const answer = isMade ? answers.made : isMemory ? answers.remembered : answers.stored;
    if (answer !== undefined) return answer;
    throw new SlipwayError({ code: "SLIPWAY_API_REQUEST", what: "w", why: "y", fix: "f" });
  };
  return findLostData({ request }, options);
}

test.each([
  ["etcd has what the API server remembers", namespace("a"), namespace("a")],
  ["a young API server remembers nothing yet", MISSING, MISSING],
  ["etcd has it and the API server does not yet", namespace("a"), MISSING],
  ["etcd does not answer", { status: 500, body: {}, text: "" }, namespace("a")],
  ["nobody answers", undefined, undefined],
  ["who asks may not", FORBIDDEN, FORBIDDEN],
])("nothing is lost where %s", async (_name, stored, remembered) => {
  expect(await find({ stored, remembered })).toBeUndefined();
});

test.each([
  ["has no namespace kube-system", MISSING],
  ["has another cluster's namespace", namespace("b")],
])("etcd's data is told as lost where it %s", async (why, stored) => {
  expect(await find({ stored, remembered: namespace("a") })).toMatchObject({
    what: expect.stringMatching(/^etcd's data is new, or another cluster's/),
    why: expect.stringContaining(why),
    fix: expect.stringMatching(/etcdutl snapshot restore.*slipway restart kube-apiserver.*slipway init/),
  });
});

test("an administrator who has no rights misses what init made", async () => {
  const lost = await find({ stored: FORBIDDEN, remembered: FORBIDDEN }, { admin: true });
  expect(lost?.what).toMatch(/^what init made in the cluster is missing/);
  expect(lost?.fix).toMatch(/^for init's own objects: slipway init;/);
});

const MADE = namespace("of a ConfigMap");

test("whole data of another cluster than the one that init knows is told, and nothing of a new one", async () => {
  const all = { stored: namespace("b"), remembered: namespace("b") };
  expect(await find({ ...all, made: MADE }, { clusterUid: "a" })).toMatchObject({
    what: "etcd's data is another cluster's",
    why: expect.stringMatching(/UID b, .* has a;/),
    fix: expect.stringMatching(/slipway init --skip-phases wait-control-plane$/),
  });
  expect(await find({ ...all, made: MADE }, { clusterUid: "b" })).toBeUndefined();
  expect(await find({ ...all, made: MADE })).toBeUndefined();
  expect(await find({ ...all, made: MISSING }, { clusterUid: "a" })).toBeUndefined();
});

test("a cluster is known by its namespace kube-system, where that is told", async () => {
  const read = (answer: ApiResponse) => readClusterUid({ request: async () => answer });
  expect(await read(namespace("a"))).toBe("a");
  expect(await read({ ...namespace("a"), status: 500 })).toBeUndefined();
});
