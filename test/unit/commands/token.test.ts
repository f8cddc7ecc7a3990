import { afterEach, beforeEach, expect, test } from "vitest";
import { createApiClient } from "../../../src/api/create-api-client.ts";
import { buildTokenSecret } from "../../../src/api/objects/bootstrap-token.ts";
import { deleteTokens } from "../../../src/commands/token.ts";
import { createNet } from "../../../src/system/net.ts";
import { type FakeApiServer, startFakeApiServer } from "../../support/fake-api-server.ts";
import { createFakeSystem } from "../../support/fake-system.ts";

let server: FakeApiServer;
const pathOf = (id: string): string => `/api/v1/namespaces/kube-system/secrets/bootstrap-token-${id}`;

beforeEach(async () => {
  server = await startFakeApiServer();
  for (const id of ["aaaaaa", "cccccc"]) {
    const settings = { description: "", ttlMs: 0, expires: undefined, usages: [], groups: [] };
    server.put(pathOf(id), buildTokenSecret(`${id}.0123456789abcdef`, { settings, nowMs: 0 }));
  }
});

afterEach(() => server.stop());

async function remove(ids: readonly string[], dryRun = false): Promise<readonly string[]> {
  const client = createApiClient({ net: createNet() }, { credentials: server.credentials });
  try {
    return await deleteTokens(createFakeSystem(), { client, ids, dryRun });
  } finally {
    client.close();
  }
}

test("tokens are deleted in the order in which they are named", async () => {
  expect(await remove(["cccccc", "aaaaaa"])).toEqual(["cccccc", "aaaaaa"]);
  expect(server.get(pathOf("aaaaaa"))).toBeUndefined();
});

test("where one is missing those are named that were deleted before it", async () => {
  await expect(remove(["aaaaaa", "bbbbbb", "cccccc"])).rejects.toMatchObject({
    what: "the bootstrap token bbbbbb was not deleted",
    why: "there is none of that id; the cluster has cccccc; deleted before it: aaaaaa",
  });
  expect(server.get(pathOf("cccccc"))).toBeDefined();
});

test("where one is refused those are named that were deleted before it", async () => {
  server.intercept = ({ method, path }) =>
    method === "DELETE" && path === pathOf("cccccc") ? { status: 403, body: {} } : undefined;
  await expect(remove(["aaaaaa", "cccccc"])).rejects.toMatchObject({
    what: "cannot delete the bootstrap token cccccc",
    why: expect.stringContaining("; deleted before it: aaaaaa"),
  });
});

test("a dry run, and a first token that is missing, have deleted nothing", async () => {
  const why = expect.not.stringContaining("deleted before");
  await expect(remove(["aaaaaa", "bbbbbb"], true)).rejects.toMatchObject({
    what: "the bootstrap token bbbbbb was not deleted",
    why,
  });
  await expect(remove(["bbbbbb", "aaaaaa"])).rejects.toMatchObject({
    what: "the bootstrap token bbbbbb was not deleted",
    why,
  });
  expect(server.get(pathOf("aaaaaa"))).toBeDefined();
});
