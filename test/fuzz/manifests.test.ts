import fc from "fast-check";
import { expect, test } from "vitest";
import { createBodyInterpreter } from "../../src/runner/sources/interpret-body.ts";
import { createManifestInterpreter } from "../../src/runner/sources/interpret-manifests.ts";
import { buildCorpus } from "../support/manifest-corpus.ts";

const CORPUS = buildCorpus();

/** As many as there is time for; two seconds are some thousand. A run that is cut off has found nothing. */
const BUDGET = { numRuns: 100_000, interruptAfterTimeLimit: 2_000, markInterruptAsFailure: false } as const;

/** Bytes of any kind, and of manifests with some of them changed. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }).map((raw) => Buffer.from(raw)),
  fc
    .tuple(
      fc.constantFrom(...CORPUS),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
    )
    .map(([text, changes]) => {
      const raw = Buffer.from(text);
      for (const [at, value] of changes) if (raw.length > 0) raw[at % raw.length] = value;
      return raw;
    }),
);

test("any bytes in a file give its pod, or a refusal that names the file", () => {
  const property = fc.property(bytes, (raw) => {
    const files = [{ path: "/m/a.yaml", content: { kind: "text", text: raw.toString("utf8") } }] as const;
    const { pods, refused } = interpretFiles(files);
    expect(pods.length + refused.length).toBe(1);
    expect(refused.every(({ message }) => message.startsWith("/m/a.yaml: "))).toBe(true);
  });
  fc.assert(property, BUDGET);
});

test("any bytes from a URL give pods, or a refusal that names the URL", () => {
  const property = fc.property(bytes, (raw) => {
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
  });
  fc.assert(property, BUDGET);
});

function interpretFiles(files: Parameters<ReturnType<typeof createManifestInterpreter>["interpret"]>[0]) {
  const interpreter = createManifestInterpreter({
    nodeName: "node-a",
    badManifest: "keep",
    known: [],
    onWarning: () => undefined,
  });
  return interpreter.interpret(files, "now");
}
