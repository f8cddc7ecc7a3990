import { at, type Checklist } from "./checklist.ts";

const parsing = at("unit/pod/parse-static-pod.test.ts");
const refusing = at("unit/pod/parse-static-pod-refused.test.ts");
const defaulting = at("unit/pod/default-pod.test.ts");
const directory = at("unit/runner/sources/directory-source.test.ts");
const url = at("unit/runner/sources/url-source.test.ts");
const reconciler = at("unit/runner/reconciler.test.ts");
const hooks = at("unit/runner/reconciler-hooks.test.ts");
const adopted = at("unit/runner/reconciler-adoption.test.ts");
const life = at("integration/pod-life.test.ts");
const runnerLife = at("integration/runner-life.test.ts");
const standalone = at("integration/standalone.test.ts");
const lifecycle = at("integration/runtime-lifecycle.test.ts");
const adoption = at("integration/runtime-adoption.test.ts");

/** What a kubelet does with manifests: reads them, checks them, follows their changes. */
export const MANIFESTS: Checklist = {
  "manifests in files": [
    [
      "a path, dot files, no extensions, no recursion, links",
      directory("anything else is a manifest, whatever its extension"),
      directory("subdirectories are passed over"),
      directory("a link whose target goes away ends its pod, and is named until that is back"),
      directory("a single file is followed across a replacement"),
    ],
    [
      "listed and watched; the watch may die",
      directory("with the machine's own clock a new file, an edit and a removal are known within 200 ms"),
      directory("a link that is swapped to another directory is noticed within a second"),
    ],
    [
      "a bad file does not stop the others",
      directory("a file that cannot be used is refused by name and the others run"),
    ],
    [
      "a bad edit: better than the kubelet, which can be asked for",
      directory("a file that went bad keeps its last good pod and says so"),
      directory("with --bad-manifest=remove a file that went bad runs nothing"),
    ],
    [
      "a missing directory is empty",
      directory("a directory that is away counts as empty only after five seconds"),
    ],
    [
      "the first document, Pods only, JSON",
      parsing("documents after the first are ignored with a warning"),
      refusing("a %s is refused by name"),
      parsing("JSON is read like YAML"),
    ],
    [
      "10 MiB; unknown fields",
      directory("a file of more than 10 MiB is refused unread"),
      parsing("fields that no one knows are left out, and a warning names the nearest"),
    ],
    [
      "a name that comes twice: the one that runs",
      reconciler("of two files that name one pod the running one stays and the other is refused by name"),
    ],
  ],
  "manifests at a URL": [
    [
      "headers, 20 s, PodList",
      url("a pod is told, and asked for again every 20 s with the headers"),
      url("the pods of a list are told, in JSON or YAML, without the toleration that files get"),
    ],
    [
      "no 200 keeps the pods; the same body after an empty one",
      standalone(
        "an answer that is empty or rubbish keeps the pods, an empty list removes them, the same pod comes back",
      ),
    ],
  ],
  "defaults and checks": [
    [
      "name, namespace, annotations, phase",
      defaulting("the pod is named after the node and carries the kubelet's annotations"),
    ],
    [
      "the UID",
      defaulting("comments and key order do not change the UID"),
      defaulting("another %s gives another UID"),
    ],
    ["the toleration", defaulting("a pod of a file tolerates every NoExecute taint, once")],
    [
      "API defaults",
      parsing("a minimal pod gets the API's defaults"),
      parsing("what is spelled out as its default makes no other pod"),
    ],
    ["references to the API", refusing("a reference to %s is refused in the kubelet's words")],
    [
      "validation",
      refusing("what is wrong is named: %s"),
      parsing("any value in place of a field gives a pod or a refusal"),
    ],
    ["priority warnings", parsing("a pod with %s has the kubelet's warning, in our words")],
  ],
  changes: [
    [
      "an edit stops the old and starts the new, never both",
      reconciler("an edited pod starts the moment the old one has ended, never beside it"),
      life("three hundred edits in a row end on the last one, and no two ever run"),
    ],
    [
      "a fixed UID: every edit restarts",
      reconciler("an edit starts a pod anew also where the manifest names its UID"),
    ],
    [
      "a removal is graceful",
      reconciler("a pod that disappears is stopped with its own grace and forgotten"),
      adopted("a manifest that was removed meanwhile is stopped with its own grace"),
    ],
    [
      "a change while no runner lived",
      runnerLife(
        "manifests that change while no runner lives are handled on its return, with the old pod's own end",
      ),
    ],
    [
      "nothing goes before all sources are seen",
      reconciler("nothing is stopped before every source has told its pods once"),
    ],
    [
      "grace, at least 2 s, preStop inside",
      hooks("a preStop hook runs within the grace, and the stop signal gets what is left of it"),
      hooks("a preStop hook that outlasts the grace leaves the least time to end"),
      lifecycle("a program that ignores the stop signal is killed after its grace and not before"),
    ],
    [
      "a probe's own grace",
      hooks("a container whose liveness probe fails for good is killed with the probe's grace and restarted"),
    ],
    [
      "pods outlive the runner and are adopted",
      runnerLife("a runner that is killed at any moment restarts no pod, and what was ready stays so"),
      adoption("a process that only has the same pid is never signalled, and its container is lost"),
    ],
    ["of several edits the newest waits", reconciler("of several edits in a row only the last one is run")],
  ],
};
