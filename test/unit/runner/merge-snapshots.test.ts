import fc from "fast-check";
import { expect, test } from "vitest";
import { fullNameOf } from "../../../src/pod/default-pod.ts";
import { mergeSnapshots } from "../../../src/runner/merge-snapshots.ts";
import type { DesiredPod, SourceSnapshot } from "../../../src/runner/types.ts";
import { buildPod } from "../../support/build-pod.ts";

const PODS = ["a", "b", "c"].map((name) => buildPod({ name }));

const entry = fc.record({ pod: fc.constantFrom(...PODS), origin: fc.constantFrom("/m/1", "/m/2", "/m/3") });
const snapshots = fc
  .tuple(fc.array(entry, { maxLength: 6 }), fc.array(entry, { maxLength: 6 }))
  .map(([file, http]): readonly SourceSnapshot[] => [
    { source: "file", pods: file, refused: [] },
    { source: "http", pods: http.map((one) => ({ ...one, origin: "http://u/" })), refused: [] },
  ]);
const running = fc.dictionary(
  fc.constantFrom(...PODS.map(fullNameOf)),
  fc.constantFrom("/m/1", "/m/2", "http://u/", "/gone"),
);

test("each name that a source tells is run once, the others are refused, and what runs goes on", () => {
  const property = fc.property(snapshots, running, (given, origins) => {
    const candidates = given.flatMap(({ pods }) => pods);
    const { pods, refused } = mergeSnapshots({ snapshots: given, runningOrigin: (name) => origins[name] });
    const names = pods.map(({ pod }) => fullNameOf(pod));
    expect(new Set(names)).toEqual(new Set(candidates.map(({ pod }) => fullNameOf(pod))));
    expect(new Set(names).size).toBe(names.length);
    expect(pods.length + refused.length).toBe(candidates.length);
    for (const chosen of pods) {
      const rivals = candidates.filter(({ pod }) => fullNameOf(pod) === fullNameOf(chosen.pod));
      const expected = rivals.find(({ origin }) => origin === origins[fullNameOf(chosen.pod)]) ?? rivals[0];
      expect(chosen).toBe(expected);
    }
  });
  fc.assert(property);
});

test("a body that names one pod twice says so", () => {
  const pod: DesiredPod = { pod: buildPod({ name: "a" }), origin: "http://u/" };
  const { refused } = mergeSnapshots({
    snapshots: [{ source: "http", pods: [pod, { ...pod }], refused: [] }],
    runningOrigin: () => "http://u/",
  });
  expect(refused).toEqual([
    expect.objectContaining({
      message: "http://u/: it names the pod default/a-node-1 twice; the first one counts",
    }),
  ]);
});

test("of two pods with one UID the one that runs stays, and the other is refused by name", () => {
  const [first, second] = ["a", "b"].map((name): DesiredPod => {
    const pod = buildPod({ name });
    return { pod: { ...pod, metadata: { ...pod.metadata, uid: "u" } }, origin: `/m/${name}` };
  });
  if (first === undefined || second === undefined) throw new Error("there are two");
  const { pods, refused } = mergeSnapshots({
    snapshots: [{ source: "file", pods: [first, second], refused: [] }],
    runningOrigin: (name) => (name === fullNameOf(second.pod) ? second.origin : undefined),
  });
  expect(pods).toEqual([second]);
  expect(refused.map(({ message }) => message)).toEqual([
    "/m/a: the pod default/a-node-1 has the metadata.uid u of the pod default/b-node-1 of /m/b; give it another or none",
  ]);
});
