import { describe, expect, test } from "vitest";
import { applyPatches, tidyPod } from "../../../../src/manifests/patches/apply-patches.ts";
import { applyJsonPatch } from "../../../../src/manifests/patches/json-patch.ts";
import { applyMergePatch } from "../../../../src/manifests/patches/merge-patch.ts";
import { parsePatchFile } from "../../../../src/manifests/patches/parse-patch-file.ts";
import { applyStrategicMerge, POD_MERGE_KEYS } from "../../../../src/manifests/patches/strategic-merge.ts";

function strategic(document: object, patch: object) {
  return applyStrategicMerge({ ...document }, { ...patch }, POD_MERGE_KEYS);
}

describe("a patch file's name says what it patches and how", () => {
  test.each([
    ["etcd.yaml", "etcd", "strategic"],
    ["kube-apiserver0+merge.yaml", "kube-apiserver", "merge"],
    ["kube-scheduler-b+json.json", "kube-scheduler", "json"],
    ["kubeletconfiguration+strategic.yaml", "kubeletconfiguration", "strategic"],
    ["corednsdeployment1.yaml", "corednsdeployment", "strategic"],
  ])("%s", (name, target, type) => {
    expect(parsePatchFile({ path: `/p/${name}`, text: "[]" }).patches).toEqual([
      { target, type, value: [], path: `/p/${name}` },
    ]);
  });

  test.each([
    ["etcd.yml", "neither .json nor .yaml"],
    ["README.yaml", "begins with none of etcd"],
    ["etcd.yaml", "empty"],
  ])("%s is no patch, and a note says why", (name, why) => {
    const { patches, note } = parsePatchFile({ path: `/p/${name}`, text: "# nothing\n" });
    expect(patches).toEqual([]);
    expect(note).toContain(why);
  });

  test("a type that does not exist is an error", () => {
    expect(() => parsePatchFile({ path: "/p/etcd+jsn.yaml", text: "{}" })).toThrow(
      expect.objectContaining({ code: "SLIPWAY_PATCH_INVALID", why: expect.stringContaining("after the +") }),
    );
  });

  test("each document of a file is a patch", () => {
    const text = "a: 1\n---\nb: 2\n";
    expect(parsePatchFile({ path: "etcd.yaml", text }).patches.map(({ value }) => value)).toEqual([
      { a: 1 },
      { b: 2 },
    ]);
  });
});

describe("a strategic merge patch", () => {
  test("merges the items of a list by its key, and appends new ones", () => {
    const document = { containers: [{ name: "a", image: "x", env: [{ name: "A", value: "1" }] }] };
    const patch = {
      containers: [
        { name: "a", env: [{ name: "B", value: "2" }] },
        { name: "b", image: "y" },
      ],
    };
    expect(strategic(document, patch)).toEqual({
      containers: [
        {
          name: "a",
          image: "x",
          env: [
            { name: "B", value: "2" },
            { name: "A", value: "1" },
          ],
        },
        { name: "b", image: "y" },
      ],
    });
  });

  test("replaces a list without a key, and what has another type", () => {
    expect(strategic({ command: ["a", "b"], x: 1 }, { command: ["c"], x: "1" })).toEqual({
      command: ["c"],
      x: "1",
    });
  });

  test("keeps the order of what it does not name", () => {
    const names = (list: readonly string[]) => list.map((name) => ({ name }));
    expect(strategic({ volumes: names(["a", "b", "c", "d"]) }, { volumes: names(["c", "e"]) })).toEqual({
      volumes: names(["a", "b", "c", "e", "d"]),
    });
  });

  test("null removes a field, and is nothing where there was none", () => {
    expect(strategic({ a: 1, b: { c: 2 } }, { a: null, b: { c: null, d: null }, e: { f: null } })).toEqual({
      b: {},
      e: {},
    });
  });

  test("directives delete an item, replace a list or a group, and retain keys", () => {
    const volumes = [{ name: "a", hostPath: { path: "/a" } }, { name: "b" }];
    expect(strategic({ volumes }, { volumes: [{ name: "b", $patch: "delete" }] })).toEqual({
      volumes: [volumes[0]],
    });
    expect(strategic({ volumes }, { volumes: [{ $patch: "replace" }, { name: "c" }] })).toEqual({
      volumes: [{ name: "c" }],
    });
    expect(strategic({ a: { b: 1 } }, { a: { $patch: "replace", c: 2 } })).toEqual({ a: { c: 2 } });
    expect(strategic({ a: { b: 1 } }, { a: { $patch: "delete" } })).toEqual({ a: {} });
    const emptied = [{ name: "a", $retainKeys: ["name", "emptyDir"], emptyDir: {} }];
    expect(strategic({ volumes }, { volumes: emptied })).toEqual({
      volumes: [{ name: "a", emptyDir: {} }, { name: "b" }],
    });
  });

  test.each([
    [{ env: [] }, { env: [{ value: "x" }] }, "an item of env has no name"],
    [{ env: [] }, { env: ["x"] }, "an item of env is no group"],
    [{}, { $patch: "remove" }, "there is no $patch: remove"],
    [{ env: [] }, { "$setElementOrder/env": [] }, "directive $setElementOrder/env"],
  ])("%j with %j says what cannot be done", (document, patch, message) => {
    expect(() => strategic(document, patch)).toThrow(message);
  });
});

test("a merge patch replaces lists and removes with null", () => {
  expect(
    applyMergePatch({ a: [1, 2], b: { c: 1, d: 2 } }, { a: [3], b: { c: null }, e: { f: null } }),
  ).toEqual({
    a: [3],
    b: { d: 2 },
    e: {},
  });
});

describe("a JSON patch", () => {
  test("does its operations in order", () => {
    const patch = [
      { op: "test", path: "/a/0", value: "x" },
      { op: "add", path: "/a/1", value: "y" },
      { op: "add", path: "/a/-", value: "z" },
      { op: "remove", path: "/a/0" },
      { op: "replace", path: "/b~1c", value: 2 },
      { op: "copy", from: "/a", path: "/d" },
      { op: "move", from: "/e", path: "/f" },
    ];
    expect(applyJsonPatch({ a: ["x"], "b/c": 1, e: 0 }, patch)).toEqual({
      a: ["y", "z"],
      "b/c": 2,
      d: ["y", "z"],
      f: 0,
    });
  });

  test.each([
    [{}, "a JSON patch is a list"],
    [[{ op: "test", path: "/a", value: 2 }], "operation 1: the value at /a is another"],
    [[{ op: "remove", path: "/b" }], "there is nothing at /b"],
    [[{ op: "replace", path: "/b", value: 1 }], "there is nothing at /b"],
    [[{ op: "add", path: "/b/c", value: 1 }], "there is nothing at /b"],
    [[{ op: "add", path: "/l/3", value: 1 }], "the list has no place 3"],
    [[{ op: "add", path: "/l/x", value: 1 }], '"x" is not a place in a list'],
    [[{ op: "add", path: "l", value: 1 }], '"l" is not a path'],
    [[{ op: "merge", path: "/l", value: 1 }], 'there is no operation "merge"'],
  ])("%j says what cannot be done", (patch, message) => {
    expect(() => applyJsonPatch({ a: 1, l: [1] }, patch)).toThrow(message);
  });
});

test("patches of a target are done in order, and one that fails is named", () => {
  const patch = (type: "json" | "merge", value: unknown) =>
    ({ target: "etcd", type, value, path: `/p/etcd+${type}.yaml` }) as const;
  const patches = [
    patch("merge", { a: 1 }),
    { ...patch("merge", { a: 5 }), target: "kube-scheduler" as const },
  ];
  expect(applyPatches({ a: 0 }, { target: "etcd", patches })).toEqual({ a: 1 });
  const broken = [...patches, patch("json", [{ op: "remove", path: "/b" }])];
  expect(() => applyPatches({ a: 0 }, { target: "etcd", patches: broken })).toThrow(
    expect.objectContaining({ what: "the patch /p/etcd+json.yaml cannot be used" }),
  );
});

test("a patched pod is written without what Go leaves out", () => {
  const pod = {
    spec: {
      hostNetwork: false,
      priority: 0,
      containers: [{ env: [], readinessProbe: { initialDelaySeconds: 0 } }],
    },
  };
  expect(tidyPod(pod)).toEqual({
    spec: { priority: 0, containers: [{ readinessProbe: {}, resources: {} }] },
  });
});
