import { afterEach, expect, test } from "vitest";
import type { PodSource } from "../../../../src/runner/sources/directory-source.ts";
import { createUrlSource } from "../../../../src/runner/sources/url-source.ts";
import type { SourceSnapshot } from "../../../../src/runner/types.ts";
import type { HttpRequest, HttpResponse } from "../../../../src/system/net.ts";
import { buildPod } from "../../../support/build-pod.ts";
import { createFakeSystem, type FakeSystem } from "../../../support/fake-system.ts";

const URL_TEXT = "http://pods.example/manifest";

let source: PodSource | undefined;
let snapshots: SourceSnapshot[] = [];
let requests: HttpRequest[] = [];

afterEach(async () => {
  await source?.close();
  snapshots = [];
  requests = [];
});

test("a pod is told, and asked for again every 20 s with the headers", async () => {
  const { system } = await start([pod("a"), pod("a"), pod("b")]);
  expect(podNames()).toEqual(["a-node-1"]);
  await system.clock.advance(20_000);
  expect(snapshots).toHaveLength(2);
  await system.clock.advance(20_000);
  expect(podNames()).toEqual(["b-node-1"]);
  expect(requests.map(({ url, headers }) => ({ url, headers }))).toEqual(
    Array.from({ length: 3 }, () => ({
      url: URL_TEXT,
      headers: { "accept-encoding": "gzip", "X-Token": "s3cret, more" },
    })),
  );
});

test("the pods of a list are told, in JSON or YAML, without the toleration that files get", async () => {
  const items = [pod("a"), pod("b")].map((text) => JSON.parse(text) as unknown);
  await start([JSON.stringify({ apiVersion: "v1", kind: "PodList", items })]);
  expect(podNames()).toEqual(["a-node-1", "b-node-1"]);
  expect(last()?.pods[0]?.pod).toMatchObject({
    metadata: { annotations: { "kubernetes.io/config.source": "http" } },
  });
  expect(last()?.pods[0]?.pod.spec.tolerations).toBeUndefined();
});

test.each<[string, Answer]>([
  ["status 404", { status: 404 }],
  ["status 500 with a pod", { status: 500, text: "x" }],
  ["garbage", "<html>"],
  ["an empty body", ""],
  ["another kind", "apiVersion: apps/v1\nkind: Deployment\n"],
  ["a List", "apiVersion: v1\nkind: List\nitems: []\n"],
  ["a list with one bad pod", `{"apiVersion":"v1","kind":"PodList","items":[${pod("a")},${pod("B_")}]}`],
  ["no connection", new Error("connect ECONNREFUSED")],
  ["a cut body", new Error("the connection was cut in the middle of the body")],
])("%s keeps the pods, and says so", async (_what, answer) => {
  const { system } = await start([pod("a"), answer, pod("b")]);
  await system.clock.advance(20_000);
  expect(podNames()).toEqual(["a-node-1"]);
  expect(last()?.refused).toEqual([expect.objectContaining({ origin: URL_TEXT, keepsLastGood: true })]);
  await system.clock.advance(20_000);
  expect(podNames()).toEqual(["b-node-1"]);
  expect(last()?.refused).toEqual([]);
});

test("a list without items removes the pods, and the same pods come back after it", async () => {
  const { system } = await start([
    pod("a"),
    "apiVersion: v1\nkind: PodList\nitems: []\n",
    pod("a"),
    "",
    pod("a"),
  ]);
  const seen: (readonly string[] | undefined)[] = [];
  for (let round = 0; round < 4; round += 1) {
    await system.clock.advance(20_000);
    seen.push(podNames());
  }
  expect(seen).toEqual([[], ["a-node-1"], ["a-node-1"], ["a-node-1"]]);
});

test("an empty body removes the pods where the kubelet's way is asked for", async () => {
  const { system } = await start([pod("a"), ""], { badManifest: "remove" });
  await system.clock.advance(20_000);
  expect(podNames()).toEqual([]);
});

test("pods that run already are told before the first answer, and kept while there is none", async () => {
  const running = { ...buildPod({ name: "a" }) };
  const fromUrl = { ...running.metadata.annotations, "kubernetes.io/config.source": "http" };
  const known = {
    pod: { ...running, metadata: { ...running.metadata, annotations: fromUrl } },
    origin: "http://old/",
  };
  await start([new Error("nobody")], {
    known: [known, { pod: buildPod({ name: "file" }), origin: "/m/file.yaml" }],
  });
  expect(snapshots[0]?.pods).toEqual([known]);
  expect(podNames()).toEqual(["a-node-1"]);
});

test("three failures are told, no more of them, and that it works again; no header is", async () => {
  const nothing = new Error("connect ECONNREFUSED");
  const { system } = await start([nothing, nothing, nothing, nothing, nothing, pod("a")]);
  for (let round = 0; round < 5; round += 1) await system.clock.advance(20_000);
  expect(system.logged.map(({ level }) => level)).toEqual(["warn", "warn", "warn", "info"]);
  expect(JSON.stringify([system.logged, snapshots])).not.toContain("s3cret");
});

test("redirects are followed, and secrets stay at home", async () => {
  const headers = { Authorization: ["Bearer x"], "X-Own": ["y"] };
  const { system } = await start(
    [{ status: 302, location: "/moved" }, { status: 307, location: "https://other.example/there" }, pod("a")],
    { headers },
  );
  expect(podNames()).toEqual(["a-node-1"]);
  expect(requests.map(({ url, headers: sent }) => [url, Object.keys(sent ?? {})])).toEqual([
    [URL_TEXT, ["accept-encoding", "Authorization", "X-Own"]],
    ["http://pods.example/moved", ["accept-encoding", "Authorization", "X-Own"]],
    ["https://other.example/there", ["accept-encoding", "X-Own"]],
  ]);
  expect(system.logged).toEqual([]);
});

test("a circle of redirects ends", async () => {
  await start(Array.from({ length: 20 }, () => ({ status: 301, location: URL_TEXT })));
  expect(requests).toHaveLength(11);
  expect(last()?.refused).toEqual([
    expect.objectContaining({
      code: "SLIPWAY_MANIFEST_UNREACHABLE",
      message: `${URL_TEXT}: it redirects more than 10 times`,
      keepsLastGood: false,
    }),
  ]);
});

test("a password in the URL is sent and not shown", async () => {
  await start([pod("a")], { url: "http://me:pass@pods.example/" });
  expect(requests[0]?.url).toBe("http://me:pass@pods.example/");
  expect(last()?.pods[0]?.origin).toBe("http://me:xxxxx@pods.example/");
});

type Answer =
  | string
  | Error
  | { readonly status: number; readonly text?: string; readonly location?: string };

async function start(
  answers: readonly Answer[],
  options: Partial<Parameters<typeof createUrlSource>[1]> = {},
): Promise<{ readonly system: FakeSystem }> {
  const pending = [...answers];
  const system = createFakeSystem({
    net: {
      request: (request) => {
        requests.push(request);
        return answer(pending.shift() ?? new Error("nothing more"));
      },
    },
  });
  source = createUrlSource(system, {
    url: URL_TEXT,
    headers: { "X-Token": ["s3cret", "more"] },
    nodeName: "node-1",
    checkEveryMs: 20_000,
    badManifest: "keep",
    known: [],
    onSnapshot: (snapshot) => snapshots.push(snapshot),
    ...options,
  });
  await expect.poll(() => snapshots.length, { interval: 2 }).toBeGreaterThan(1);
  return { system };
}

async function answer(given: Answer): Promise<HttpResponse> {
  if (given instanceof Error) throw given;
  const {
    status,
    text = "",
    location,
  }: Exclude<Answer, string | Error> = typeof given === "string" ? { status: 200, text: given } : given;
  return { status, headers: location === undefined ? {} : { location }, body: Buffer.from(text) };
}

function pod(name: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: { containers: [{ name: "c", image: "i" }] },
  });
}

function last(): SourceSnapshot | undefined {
  return snapshots.at(-1);
}

function podNames(): readonly string[] | undefined {
  return last()?.pods.map((entry) => entry.pod.metadata.name);
}
