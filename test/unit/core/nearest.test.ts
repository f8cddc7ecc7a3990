import fc from "fast-check";
import { expect, test } from "vitest";
import { selectNearest } from "../../../src/core/nearest.ts";

const PHASES = ["certs", "kubeconfig", "etcd", "control-plane"];

test("a word with a letter wrong, missing or too many finds the right one", () => {
  expect(selectNearest("cert", PHASES)).toBe("certs");
  expect(selectNearest("kubeconfg", PHASES)).toBe("kubeconfig");
  expect(selectNearest("control-planes", PHASES)).toBe("control-plane");
});

test("letter case is no difference", () => {
  expect(selectNearest("ETCD", PHASES)).toBe("etcd");
});

test("of two that are close the closer one is taken", () => {
  expect(selectNearest("abcd", ["abxx", "abcx"])).toBe("abcx");
});

test("nothing is taken when nothing is close", () => {
  expect(selectNearest("preflight", PHASES)).toBeUndefined();
  expect(selectNearest("", PHASES)).toBeUndefined();
  expect(selectNearest("certs", [])).toBeUndefined();
});

test("a candidate that is the word itself is always found", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (candidates) => {
      const [word = ""] = candidates;
      expect(selectNearest(word, candidates)?.toLowerCase()).toBe(word.toLowerCase());
    }),
  );
});
