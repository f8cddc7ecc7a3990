import { expect, test } from "vitest";
import { createBodyInterpreter } from "../../src/runner/sources/interpret-body.ts";
import { createManifestInterpreter } from "../../src/runner/sources/interpret-manifests.ts";
import { bytesLike, tryFor } from "../support/fuzz.ts";
import { buildCorpus } from "../support/manifest-corpus/build-corpus.ts";

const bytes = bytesLike(buildCorpus());

test("any bytes in a file give its pod, or a refusal that names the file", () =>
  tryFor(bytes, (raw) => {
    const files = [{ path: "/m/a.yaml", content: { kind: "text", text: raw.toString("utf8") } }] as const;
    const { pods, refused } = interpretFiles(files);
    expect(pods.length + refused.length).toBe(1);
    expect(refused.every(({ message }) => message.startsWith("/m/a.yaml: "))).toBe(true);
  }));

test("any bytes from a URL give pods, or a refusal that names the URL", () =>
  tryFor(bytes, (raw) => {
    const interpreter = createBodyInterpreter({
      origin: "http://u/",
      nodeName: "node-a",
      badManifest: "keep",
      known: [],
      onWarning: () => undefined,
    });
    const { pods, refused } = interpreter.interpret(raw.toString("utf8"), "now");
    expect(pods.length === 0 || refused.length === 0).toBe(true);
    expect(refused.every(({ message }) => message.startsWith("http://u/: "))).toBe(true);
  }));

function interpretFiles(files: Parameters<ReturnType<typeof createManifestInterpreter>["interpret"]>[0]) {
  const interpreter = createManifestInterpreter({
    nodeName: "node-a",
    badManifest: "keep",
    known: [],
    onWarning: () => undefined,
  });
  return interpreter.interpret(files, "now");
}
