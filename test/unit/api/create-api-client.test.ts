import { afterEach, beforeEach, expect, test } from "vitest";
import { createApiClient } from "../../../src/api/create-api-client.ts";
import type { ApiClient, WatchEvent } from "../../../src/api/types.ts";
import { createNet } from "../../../src/system/net.ts";
import { type FakeApiServer, startFakeApiServer } from "../../support/fake-api-server.ts";

let server: FakeApiServer;
let client: ApiClient;

beforeEach(async () => {
  server = await startFakeApiServer();
  client = createApiClient({ net: createNet() }, { credentials: server.credentials });
});

afterEach(async () => {
  client.close();
  await server.stop();
});

test("a refusal of the API server is an answer, not a rejection", async () => {
  const answer = await client.request({ method: "GET", path: "/api/v1/nodes/none" });
  expect(answer).toMatchObject({ status: 404, body: { reason: "NotFound" } });
});

test("a body that is no JSON is given as text", async () => {
  server.intercept = () => ({ status: 200, body: "ok" });
  expect(await client.request({ method: "GET", path: "/readyz" })).toEqual({
    status: 200,
    body: { text: "ok" },
    text: "ok",
  });
});

test("a server that is down is named in the failure together with the cause", async () => {
  await server.stop();
  await expect(client.request({ method: "GET", path: "/readyz" })).rejects.toMatchObject({
    code: "SLIPWAY_API_REQUEST",
    what: `cannot talk to the API server at ${server.credentials.server}`,
    why: "the connection was refused: nothing listens there",
  });
});

test("changed credentials are used for the next request", async () => {
  const other = await startFakeApiServer();
  let credentials = server.credentials;
  const changing = createApiClient({ net: createNet() }, { credentials: async () => credentials });
  await changing.request({ method: "GET", path: "/readyz" });
  credentials = other.credentials;
  await changing.request({ method: "GET", path: "/livez" });
  changing.close();
  await other.stop();
  expect(other.requests.map((request) => request.path)).toEqual(["/livez"]);
});

test("an aborted request rejects with the signal's reason", async () => {
  const reason = new Error("enough");
  await expect(
    client.request({ method: "GET", path: "/readyz", signal: AbortSignal.abort(reason) }),
  ).rejects.toBe(reason);
});

test("a deletion carries its options", async () => {
  const path = "/api/v1/nodes/a";
  await client.request({ method: "DELETE", path, body: { preconditions: { uid: "ü" } } });
  await client.request({ method: "GET", path });
  expect(server.requests.map((request) => [request.method, request.body])).toEqual([
    ["DELETE", { preconditions: { uid: "ü" } }],
    ["GET", undefined],
  ]);
});

test("a watch yields each change until the server ends it", async () => {
  const events: WatchEvent[] = [];
  const watching = (async () => {
    const path = "/api/v1/pods?watch=true";
    for await (const event of client.watch({ path, signal: new AbortController().signal }))
      events.push(event);
  })();
  while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "ä", namespace: "x" } };
  server.put("/api/v1/namespaces/x/pods/ä", pod);
  server.remove("/api/v1/namespaces/x/pods/ä");
  while (events.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  await server.stop();
  await watching;
  expect(events.map((event) => [event.type, event.object.metadata.name])).toEqual([
    ["ADDED", "ä"],
    ["DELETED", "ä"],
  ]);
});

test("a watch that is refused rejects with the server's message", async () => {
  server.intercept = () => ({ status: 403, body: { reason: "Forbidden", message: "not you" } });
  const path = "/api/v1/pods?watch=true";
  const watch = client.watch({ path, signal: new AbortController().signal });
  await expect(watch[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    code: "SLIPWAY_API_REQUEST",
    why: "the API server answered 403 Forbidden: not you",
  });
});
