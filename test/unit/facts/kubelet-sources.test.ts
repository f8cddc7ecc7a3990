import { expect, test } from "vitest";
import { readKubeletSources } from "../../../src/facts/kubelet-sources.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

function read(files: Readonly<Record<string, string>>, argv: readonly string[], workingDir = "/") {
  const system = createFakeSystem({ rootDir: createTempTree(files) });
  return readKubeletSources(system, { argv, workingDir });
}

test("a relative staticPodPath belongs to the configuration file's directory", async () => {
  const sources = await read({ "/var/lib/kubelet/config.yaml": "staticPodPath: ../pods\n" }, [
    "kubelet",
    "--config",
    "/var/lib/kubelet/config.yaml",
  ]);
  expect(sources.path).toEqual({
    value: "/var/lib/pods",
    from: "staticPodPath in /var/lib/kubelet/config.yaml",
  });
});

test("a relative --config belongs to the working directory", async () => {
  const sources = await read({ "/w/k.yaml": "staticPodPath: /p\n" }, ["kubelet", "--config=k.yaml"], "/w");
  expect(sources.path?.value).toBe("/p");
});

test("flags win over the file", async () => {
  const sources = await read({ "/k.yaml": "staticPodPath: /p\nstaticPodURL: http://a/\n" }, [
    "kubelet",
    "--config=/k.yaml",
    "--pod-manifest-path=/q",
    "--manifest-url=http://b/",
  ]);
  expect([sources.path?.value, sources.url?.value]).toEqual(["/q", "http://b/"]);
});

test("a drop-in wins over the file, the last one by name, and its path is as written", async () => {
  const sources = await read(
    {
      "/k.yaml": "staticPodPath: /p\nstaticPodURL: http://a/\n",
      "/d/10.conf": "staticPodPath: /ten\n",
      "/d/20.conf": "staticPodPath: twenty\n",
      "/d/30.yaml": "staticPodPath: /not-a-conf\n",
    },
    ["kubelet", "--config=/k.yaml", "--config-dir=/d"],
  );
  expect([sources.path?.value, sources.url?.value]).toEqual(["twenty", "http://a/"]);
});

test("an empty staticPodPath turns static pods off", async () => {
  const sources = await read({ "/k.yaml": 'staticPodPath: ""\n' }, ["kubelet", "--config=/k.yaml"]);
  expect(sources.path).toBeUndefined();
});

test.each(["", "- a list", "{", "staticPodPath: 3"])(
  "a file that says nothing useful says nothing: %j",
  async (text) => {
    const sources = await read({ "/k.yaml": text }, ["kubelet", "--config=/k.yaml"]);
    expect(sources).toEqual({ path: undefined, url: undefined });
  },
);
