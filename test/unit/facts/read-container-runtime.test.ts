import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readContainerRuntime } from "../../../src/facts/read-container-runtime.ts";
import { createNet } from "../../../src/system/net.ts";

const system = { net: createNet() };
let dir: string;
let close: () => Promise<unknown> = async () => undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "slipway-test-"));
});
afterEach(async () => {
  await close();
  await rm(dir, { recursive: true });
});

/** A CRI server that has images whose names begin with "there"; with `status` it refuses everything. */
async function serve(status: string): Promise<string> {
  const socketPath = join(dir, "cri.sock");
  const server = createServer();
  server.on("stream", (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      const isThere = Buffer.concat(chunks).includes("there");
      const message = String(headers[":path"]).endsWith("ImageStatus") && !isThere ? [] : [0x0a, 0x00];
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": status, "grpc-message": "no" }));
      stream.end(Buffer.from([0, 0, 0, 0, message.length, ...message]));
    });
  });
  await new Promise<void>((done) => server.listen(socketPath, done));
  close = () => new Promise((done) => server.close(done));
  return `unix://${socketPath}`;
}

test("the images that a runtime has not are named", async () => {
  const endpoint = await serve("0");
  const images = ["there/a:1", "missing/b:1", "there/c:1"];
  expect(await readContainerRuntime(system, { endpoint, images })).toEqual({
    kind: "answers",
    missingImages: ["missing/b:1"],
  });
});

test("one that refuses is silent with what it says", async () => {
  const endpoint = await serve("12");
  expect(await readContainerRuntime(system, { endpoint, images: [] })).toEqual({ kind: "silent", why: "no" });
});

test("where nobody listens the reason is the socket's", async () => {
  const endpoint = `unix://${join(dir, "none.sock")}`;
  const found = await readContainerRuntime(system, { endpoint, images: [] });
  expect(found).toEqual({ kind: "silent", why: "there is no such socket" });
  close = async () => undefined;
});
