import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { serveNodeLog } from "../../../../src/runner/cluster/serve-node-log.ts";
import { createFileSystem, type FileSystem } from "../../../../src/system/file-system.ts";

let root: string;
let server: Server;
let fs: FileSystem;

beforeEach(async () => {
  fs = createFileSystem();
  root = await mkdtemp(join(tmpdir(), "slipway-logs-"));
  await mkdir(join(root, "var/log/app"), { recursive: true });
  server = createServer((incoming, response) => {
    const rest = (incoming.url ?? "").split("/").slice(2).map(decodeURIComponent);
    serveNodeLog({ fs }, { root, rest, response }).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});

afterEach(async () => {
  await new Promise((done) => server.close(done));
  await rm(root, { recursive: true });
});

const at = (name: string): string => join(root, "var/log", name);

/** A client that sends the path as it is, dots and all. */
async function get(path: string) {
  const { port } = server.address() as AddressInfo;
  return new Promise<{ status: number | undefined; body: string; location: string | undefined }>(
    (resolve, reject) => {
      request({ host: "127.0.0.1", port, path, agent: false }, async (response) => {
        const { statusCode: status, headers } = response;
        resolve({ status, body: await text(response), location: headers.location });
      })
        .on("error", reject)
        .end();
    },
  );
}

test("a file is shown whole, also an empty one", async () => {
  await writeFile(at("app/out.log"), "one\ntwo\n");
  await writeFile(at("empty"), "");
  expect(await get("/logs/app/out.log")).toMatchObject({ status: 200, body: "one\ntwo\n" });
  expect(await get("/logs/empty")).toMatchObject({ status: 200, body: "" });
});

test("a log that is cut short while it is sent ends the connection, so that nobody waits for the rest", async () => {
  await writeFile(at("out.log"), "one\n");
  // As the kubelet API's.
  server.keepAliveTimeout = 120_000;
  const { open } = fs;
  fs.open = async (path, options) => {
    const handle = await open(path, options);
    const status = await handle.stat();
    return Object.assign(handle, { stat: async () => Object.assign(status, { size: 100 }) });
  };
  const { port } = server.address() as AddressInfo;
  const answer = fetch(`http://127.0.0.1:${port}/logs/out.log`).then((response) => response.text());
  await expect(answer).rejects.toThrow();
});

test("a directory is a list of links that lead to what they name", async () => {
  await writeFile(at("app/50% of <a> & b?#"), "odd");
  await mkdir(at("app/sub"));
  expect((await get("/logs/")).body).toContain('<a href="app/">app/</a>\n');
  const { body } = await get("/logs/app/");
  expect(body).toContain(">50% of &#60;a&#62; &#38; b?#</a>\n");
  expect(body).toContain('<a href="sub/">sub/</a>\n');
  const href = /href="(50[^"]*)"/.exec(body)?.[1];
  expect(await get(`/logs/app/${href}`)).toMatchObject({ status: 200, body: "odd" });
});

test("a slash too many or too few is put right by a redirect", async () => {
  await writeFile(at("app/out.log"), "one");
  expect(await get("/logs")).toMatchObject({ status: 301, location: "logs/" });
  expect(await get("/logs/app")).toMatchObject({ status: 301, location: "app/" });
  expect(await get("/logs/app/out.log/")).toMatchObject({ status: 301, location: "../out.log" });
});

test("what is not there is not found, under any spelling", async () => {
  for (const path of ["none", "app/none/x", "%00", "x".repeat(300)])
    expect(await get(`/logs/${path}`)).toMatchObject({ status: 404, body: "404 page not found" });
});

test("nothing outside is shown, by dots or by symlinks", async () => {
  await writeFile(join(root, "secret"), "s3cret");
  await symlink(join(root, "secret"), at("absolute"));
  await symlink("../../secret", at("relative"));
  await symlink("../..", at("above"));
  await symlink(join(root, "var/log-of-another"), at("sibling"));
  await mkdir(join(root, "var/log-of-another"));
  for (const path of ["absolute", "relative", "above/secret", "above/", "sibling/"])
    expect(await get(`/logs/${path}`)).toMatchObject({ status: 403, body: "403 Forbidden" });
  for (const path of ["../../secret", "..%2f..%2fsecret", "%2e%2e/%2e%2e/secret"])
    expect(await get(`/logs/${path}`)).toMatchObject({ status: 404 });
});

test("symlinks that stay inside are followed, as those of /var/log/containers", async () => {
  await writeFile(at("app/0.log"), "line");
  await symlink("app/0.log", at("web.log"));
  expect(await get("/logs/web.log")).toMatchObject({ status: 200, body: "line" });
});

test("a pipe and a socket are refused at once", async () => {
  execFileSync("mkfifo", [at("pipe")]);
  const socket = createServer().listen(at("socket"));
  await new Promise((done) => socket.once("listening", done));
  for (const path of ["pipe", "socket"]) expect(await get(`/logs/${path}`)).toMatchObject({ status: 403 });
  await new Promise((done) => socket.close(done));
});
