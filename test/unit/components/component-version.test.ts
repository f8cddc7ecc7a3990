import { describe, expect, test } from "vitest";
import {
  compareVersions,
  judgeVersion,
  parseComponentImage,
  selectNeededVersion,
  selectReleaseVersion,
} from "../../../src/components/component-version.ts";

describe("judgeVersion", () => {
  test.each([
    ["kube-apiserver", "v1.37.2", "v1.37.2", "fits"],
    ["kube-apiserver", "v1.37.2", "v1.37.2+vendor.1", "fits"],
    ["kube-apiserver", "v1.37.2", "v1.37.0", "near"],
    ["kube-apiserver", "v1.37.2", "v1.36.2", "unfit"],
    ["kubectl", "v1.37.2", "v1.38.0", "unfit"],
    ["etcd", "v3.7.0", "v3.7.3", "fits"],
    ["etcd", "v3.6.8", "v3.6.7", "unfit"],
    ["etcd", "v3.6.8", "v3.7.0", "unfit"],
    ["kubectl", "v1.37.2", "unknown", "unfit"],
  ] as const)("%s: where %s is needed, %s %s", (name, needed, found, kind) => {
    expect(judgeVersion({ name, needed, found }).kind).toBe(kind);
  });
});

describe("parseComponentImage", () => {
  test.each([
    ["registry.k8s.io/kube-apiserver:v1.37.2", { name: "kube-apiserver", version: "v1.37.2" }],
    ["localhost:5000/a/b/etcd:3.7.0-0", { name: "etcd", version: "v3.7.0" }],
    ["etcd:v3.6.8", { name: "etcd", version: "v3.6.8" }],
    ["r/kube-scheduler:v1.36.3@sha256:00ff", { name: "kube-scheduler", version: "v1.36.3" }],
    ["registry.k8s.io/pause:3.10.2", undefined],
    ["registry.k8s.io/kube-apiserver", undefined],
    ["registry.k8s.io/kube-apiserver:latest", undefined],
    ["localhost:5000/etcd", undefined],
    ["", undefined],
  ])("%s", (image, expected) => {
    expect(parseComponentImage(image)).toEqual(expected);
  });
});

test("etcd's version follows the table, the others are Kubernetes' own", () => {
  expect(selectNeededVersion("etcd", "v1.35.4")).toBe("v3.6.6");
  expect(selectReleaseVersion("etcd", "v1.35.4")).toBe("v3.6.8");
  expect(selectReleaseVersion("kubectl", "v1.36.1")).toBe("v1.36.1");
});

test("an unsupported minor is refused with those that are supported", () => {
  expect(() => selectReleaseVersion("kubectl", "v1.20.0")).toThrow(/1\.37, 1\.36, 1\.35, 1\.34/);
});

test("versions are ordered by number", () => {
  expect(["v3.7.10", "junk", "v3.7.9"].sort(compareVersions)).toEqual(["junk", "v3.7.9", "v3.7.10"]);
});
