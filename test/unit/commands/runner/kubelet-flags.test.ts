import fc from "fast-check";
import { expect, test } from "vitest";
import { formatFlags, parseFlags } from "../../../../src/commands/runner/kubelet-flags.ts";

const text = fc.string({ unit: "binary" });

test("flags that are written and read again are the same, but for their absolute paths", () => {
  const flags = fc.record(
    {
      podManifestPath: fc.constantFrom("", "/m", "/a=b/--config=x"),
      kubeconfig: fc.constantFrom("", "/k"),
      certDir: fc.constantFrom("", "/c"),
      manifestUrl: text,
      manifestUrlHeader: fc.array(text, { minLength: 1, maxLength: 3 }),
      fileCheckFrequency: text,
      httpCheckFrequency: text,
      maxPods: fc.nat(),
      hostnameOverride: text,
      nodeIp: text,
      nodeLabels: text,
      registerWithTaints: text,
      registerNode: fc.constantFrom("true", "false"),
      badManifest: fc.constantFrom("keep" as const, "remove" as const),
      logFormat: fc.constantFrom("json" as const, "text" as const),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(flags, (given) => {
      const words = formatFlags({ ...given, idle: [] }, { workingDir: "/w", masked: false });
      expect(parseFlags(words)).toEqual({ ...given, idle: [] });
    }),
  );
});

test("a relative path is one of the directory in which the runner was started, and no secret is shown", () => {
  const flags = {
    podManifestPath: "m",
    config: "../k.yaml",
    manifestUrl: "https://user:password@host/pods",
    manifestUrlHeader: ["Authorization:Bearer s3cret,X-A:b", "X-C:d"],
    idle: ["--network-plugin"],
  };
  expect(formatFlags(flags, { workingDir: "/srv/x", masked: true })).toEqual([
    "--config=/srv/k.yaml",
    "--pod-manifest-path=/srv/x/m",
    "--manifest-url=https://user:xxxxx@host/pods",
    "--manifest-url-header=Authorization:<masked>,X-A:<masked>",
    "--manifest-url-header=X-C:<masked>",
  ]);
});
