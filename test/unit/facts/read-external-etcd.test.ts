import { join } from "node:path";
import { expect, test } from "vitest";
import { readExternalEtcd } from "../../../src/facts/read-external-etcd.ts";
import type { HttpRequest } from "../../../src/system/net.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const NO_FILES = { caFile: "", certFile: "", keyFile: "" };

function ask(answer: { readonly status: number; readonly body: string }, files = NO_FILES) {
  const asked: HttpRequest[] = [];
  const system = createFakeSystem({
    net: {
      request: async (request) => {
        asked.push(request);
        return { status: answer.status, headers: {}, body: Buffer.from(answer.body) };
      },
    },
  });
  const urls = { endpoints: ["https://a:2379"], httpEndpoints: ["https://h:2379/"] };
  return readExternalEtcd(system, { ...urls, ...files }).then((facts) => ({ facts, asked }));
}

test("an etcd of others is asked at its HTTP endpoints, with the configured client certificate", async () => {
  const dir = createTempTree({ ca: "CA", cert: "C", key: "K" });
  const files = { caFile: join(dir, "ca"), certFile: join(dir, "cert"), keyFile: join(dir, "key") };
  const { facts, asked } = await ask({ status: 200, body: '{"etcdserver":"3.7.0"}' }, files);
  expect(facts.endpoints).toEqual([{ url: "https://h:2379/", version: "3.7.0", problem: undefined }]);
  expect(asked).toMatchObject([{ url: "https://h:2379/version", tls: { ca: "CA", cert: "C", key: "K" } }]);
});

test("a file that is missing is told, and nobody is asked without it", async () => {
  const { facts, asked } = await ask({ status: 200, body: "{}" }, { ...NO_FILES, caFile: "/none/ca.crt" });
  expect(facts).toEqual({
    unreadable: [{ path: "/none/ca.crt", reason: expect.stringMatching(/not exist|no such/) }],
    endpoints: [],
  });
  expect(asked).toEqual([]);
});

test.each([
  [{ status: 503, body: "" }, "it answered with status 503"],
  [{ status: 200, body: '{"version":"1"}' }, "what answered there is no etcd"],
])("an answer that tells no version is a problem: %j", async (answer, problem) => {
  expect((await ask(answer)).facts.endpoints).toMatchObject([{ version: undefined, problem }]);
});
