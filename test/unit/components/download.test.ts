import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { downloadComponents, probeRelease } from "../../../src/components/sources/download.ts";
import { parseSum, selectReleaseFile } from "../../../src/components/sources/release-file.ts";
import type { BinaryName, ComponentProgress } from "../../../src/components/types.ts";
import {
  type ComponentMachine,
  createComponentMachine,
  createHastyNetwork,
} from "../../support/component-system.ts";
import {
  createEtcdArchive,
  type ReleaseServer,
  sha256,
  startReleaseServer,
} from "../../support/release-server.ts";

const KUBECTL = "/release/v1.37.2/bin/linux/amd64/kubectl";
const ETCD = "/etcd/v3.7.0/etcd-v3.7.0-linux-amd64.tar.gz";
const PROGRAM = "kubectl ".repeat(50_000);

let machine: ComponentMachine;
let server: ReleaseServer;
beforeEach(async () => {
  machine = await createComponentMachine(createHastyNetwork());
  server = await startReleaseServer();
  server.serve(KUBECTL, PROGRAM);
  server.serve(`${KUBECTL}.sha256`, sha256(PROGRAM));
});
afterEach(async () => {
  await server.close();
  await machine.remove();
});

function download(
  options: {
    readonly names?: readonly BinaryName[];
    readonly mirror?: string;
    readonly signal?: AbortSignal;
    readonly onFraction?: (fraction: number | undefined) => void;
  } = {},
) {
  const progress: ComponentProgress[] = [];
  const result = downloadComponents(machine.system, {
    kubernetesVersion: "v1.37.2",
    names: options.names ?? ["kubectl"],
    mirror: options.mirror ?? server.url,
    onProgress: (step) => {
      progress.push(step);
      server.hear(step.fraction);
      options.onFraction?.(step.fraction);
    },
    onNote: () => {},
    signal: options.signal,
  });
  return { result, progress };
}

/** The requests of the program itself. */
function fetched(path: string): readonly string[] {
  return server.requests.filter((line) => line.split(" ")[1] === path);
}

const entryDir = (): string => join(machine.cacheDir, "linux-amd64/kubectl/v1.37.2");

test("a program is downloaded, checked and cached, with progress up to the whole", async () => {
  const { result, progress } = download();
  const [binary] = await result;
  expect(binary).toMatchObject({
    name: "kubectl",
    version: "v1.37.2",
    origin: "download",
    sha256: sha256(PROGRAM),
  });
  expect(await readFile(join(entryDir(), "kubectl"), "utf8")).toBe(PROGRAM);
  expect(await readdir(entryDir())).toEqual(["kubectl", "kubectl.json"]);
  expect(progress.at(-1)).toEqual({
    component: "kubectl",
    activity: "downloading kubectl v1.37.2",
    fraction: 1,
  });
});

test("what is cached is not downloaded again", async () => {
  await download().result;
  await download().result;
  expect(fetched(KUBECTL)).toHaveLength(1);
});

test("etcd is taken out of its archive", async () => {
  const archive = await createEtcdArchive({ stem: "etcd-v3.7.0-linux-amd64", program: "I am etcd" });
  server.serve(ETCD, archive);
  server.serve(
    "/etcd/v3.7.0/SHA256SUMS",
    `${sha256("x")}  other.zip\n${sha256(archive)}  ${ETCD.split("/")[3]}\n`,
  );
  const [binary] = await download({ names: ["etcd"], mirror: `${server.url}/` }).result;
  expect(await readFile(binary?.path ?? "", "utf8")).toBe("I am etcd");
  expect(await readdir(dirname(binary?.path ?? ""))).toEqual(["etcd", "etcd.json"]);
  expect(await readdir(join(machine.cacheDir, "work"))).toEqual([]);
});

test("an archive without etcd is corrupt", async () => {
  const archive = await createEtcdArchive({ stem: "something-else", program: "" });
  server.serve(ETCD, archive);
  server.serve("/etcd/v3.7.0/SHA256SUMS", `${sha256(archive)}  ${ETCD.split("/")[3]}`);
  await expect(download({ names: ["etcd"] }).result).rejects.toMatchObject({
    code: "SLIPWAY_COMPONENT_CORRUPT",
  });
});

describe("a wrong sum", () => {
  test("is refused, and nothing of it is kept", async () => {
    server.serve(`${KUBECTL}.sha256`, sha256("another"));
    await expect(download().result).rejects.toMatchObject({
      code: "SLIPWAY_COMPONENT_CORRUPT",
      what: expect.stringContaining(`${server.url}${KUBECTL}`),
      fix: expect.stringContaining("--component-dir"),
    });
    expect(await readdir(entryDir())).toEqual([]);
  });

  test("after an old beginning that does not fit leads to a download from the start", async () => {
    await mkdir(entryDir(), { recursive: true });
    await writeFile(join(entryDir(), ".partial"), "of another file");
    await download().result;
    expect(fetched(KUBECTL)).toEqual([`GET ${KUBECTL} bytes=15-`, `GET ${KUBECTL}`]);
  });

  test("file that holds none is refused", async () => {
    server.serve(`${KUBECTL}.sha256`, "<html>log in first</html>");
    await expect(download().result).rejects.toMatchObject({ code: "SLIPWAY_COMPONENT_CORRUPT" });
  });
});

describe("a cut connection", () => {
  test("is gone on with where it was cut", async () => {
    server.plan(KUBECTL, ["cut", "cut"]);
    await download().result;
    const half = PROGRAM.length / 2;
    expect(fetched(KUBECTL)).toEqual([
      `GET ${KUBECTL}`,
      `GET ${KUBECTL} bytes=${half}-`,
      `GET ${KUBECTL} bytes=${half + half / 2}-`,
    ]);
  });

  test("leaves its beginning for the next run when it stays cut", async () => {
    server.plan(KUBECTL, ["cut", "unavailable", "unavailable", "unavailable"]);
    await expect(download().result).rejects.toMatchObject({ code: "SLIPWAY_DOWNLOAD_FAILED" });
    await download().result;
    expect(fetched(KUBECTL).at(-1)).toBe(`GET ${KUBECTL} bytes=${PROGRAM.length / 2}-`);
  });

  test("to a server that knows no ranges starts again from the beginning", async () => {
    server.plan(KUBECTL, ["cut", "ignore-range"]);
    await download().result;
    expect(await readFile(join(entryDir(), "kubectl"), "utf8")).toBe(PROGRAM);
  });

  test("right at the end needs nothing more", async () => {
    await mkdir(entryDir(), { recursive: true });
    await writeFile(join(entryDir(), ".partial"), PROGRAM);
    await download().result;
    expect(fetched(KUBECTL)).toEqual([`GET ${KUBECTL} bytes=${PROGRAM.length}-`]);
  });
});

test("a slow link is waited for as long as bytes come", async () => {
  server.plan(KUBECTL, ["slow"]);
  await download({ onFraction: () => void machine.system.clock.advance(29_000) }).result;
  expect(machine.system.clock.monotonicMs()).toBeGreaterThan(60_000);
  expect(fetched(KUBECTL)).toHaveLength(1);
});

test("a connection over which nothing comes any more is made anew", async () => {
  server.plan(KUBECTL, ["stall"]);
  const waitAfterHalf = (fraction: number | undefined): void => {
    if (fraction === 0.5) void machine.system.clock.advance(30_000);
  };
  await download({ onFraction: waitAfterHalf }).result;
  expect(fetched(KUBECTL)).toHaveLength(2);
});

test("redirects are followed", async () => {
  server.plan(KUBECTL, ["redirect"]);
  await download().result;
  expect(fetched(`/moved${KUBECTL}`)).toHaveLength(1);
});

test("a release that is not there fails at once, with the URL, the status and the flags that help", async () => {
  await expect(download({ names: ["kube-scheduler"] }).result).rejects.toMatchObject({
    code: "SLIPWAY_DOWNLOAD_FAILED",
    what: expect.stringContaining("/release/v1.37.2/bin/linux/amd64/kube-scheduler.sha256"),
    why: "the server answered 404 Not Found",
    fix: expect.stringMatching(/--component-mirror.*--component-dir.*--components go/),
  });
  expect(server.requests).toHaveLength(1);
});

test("a mirror that refuses connections is said so, without the password in its URL", async () => {
  const failure = download({ mirror: "http://me:geheim@127.0.0.1:1" }).result;
  await expect(failure).rejects.toMatchObject({ why: "the connection was refused" });
  await expect(failure).rejects.not.toThrow(/geheim/);
});

test("a download stops when it is aborted, and keeps its beginning", async () => {
  server.plan(KUBECTL, ["slow"]);
  const abort = new AbortController();
  const { result, progress } = download({ signal: abort.signal });
  while (progress.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  abort.abort(new Error("stopped"));
  await expect(result).rejects.toThrow("stopped");
  expect(await readdir(entryDir())).toEqual([".partial"]);
});

describe("probing", () => {
  const probe = (mirror: string) =>
    probeRelease(machine.system, { kubernetesVersion: "v1.37.2", name: "kubectl", mirror });

  test("takes any answer for a network", async () => {
    expect(await probe(`${server.url}/nowhere`)).toBeUndefined();
  });

  test("says why nobody answers", async () => {
    expect(await probe("http://127.0.0.1:1")).toBe("127.0.0.1:1: the connection was refused");
  });
});

test("the official places are used when no mirror is named", () => {
  const common = { architecture: "arm64", mirror: undefined };
  expect(selectReleaseFile({ ...common, name: "kubectl", version: "v1.36.3" }).url).toBe(
    "https://dl.k8s.io/release/v1.36.3/bin/linux/arm64/kubectl",
  );
  expect(selectReleaseFile({ ...common, name: "etcd", version: "v3.6.8" })).toMatchObject({
    url: "https://github.com/etcd-io/etcd/releases/download/v3.6.8/etcd-v3.6.8-linux-arm64.tar.gz",
    sumUrl: "https://github.com/etcd-io/etcd/releases/download/v3.6.8/SHA256SUMS",
  });
});

test("a sum is found alone, with a name, and in a list", () => {
  const sum = sha256("a");
  expect(parseSum(`${sum}\n`, undefined)).toBe(sum);
  expect(parseSum(`${sum.toUpperCase()} *kubectl`, undefined)).toBe(sum);
  expect(parseSum(`${sha256("b")}  ./b\n${sum}  ./a\n`, "a")).toBe(sum);
  expect(parseSum(sum, "a")).toBeUndefined();
  expect(parseSum("", undefined)).toBeUndefined();
});
