import { at, type Checklist } from "./checklist.ts";

const restarts = at("unit/runner/reconciler-restarts.test.ts");
const admission = at("unit/runner/reconciler-admission.test.ts");
const admit = at("unit/runner/admission/admit-pod.test.ts");
const standaloneConfig = at("unit/commands/runner/read-standalone-config.test.ts");
const mirrors = at("integration/mirrors.test.ts");
const standalone = at("integration/standalone.test.ts");
const isolation = at("integration/pod-isolation.test.ts");
const lifecycle = at("integration/runtime-lifecycle.test.ts");
const adoption = at("integration/runtime-adoption.test.ts");

/** What a kubelet has for itself: configuration, a runtime, room for pods. */
export const KUBELET: Checklist = {
  configuration: [
    [
      "fields and defaults",
      standaloneConfig("one directory is enough: all else are a kubelet's defaults, without a cluster"),
    ],
    [
      "drop-ins and flags",
      standaloneConfig(
        "flags win over drop-ins, these over the file; groups merge, lists replace, null removes",
      ),
    ],
    [
      "old flags",
      standalone(
        "a file with staticPodPath alone, drop-ins and a kubelet's unit flags start a runner, with one note each",
      ),
    ],
  ],
  runtime: [
    [
      "n.a.: images",
      isolation(
        "an image that this machine has nothing for waits, names what could run it, and is told before",
      ),
    ],
    [
      "labels and annotations of the CRI",
      { why: "nothing asks this runtime over the CRI; what adoption needs is in the container's record" },
      adoption("a running container is found again with its process, start time and annotations"),
    ],
    [
      "what ended is noticed",
      lifecycle("a container whose shim was killed is watched on, and its end is told as unknown"),
    ],
    [
      "old runs and logs go",
      restarts("only the newest two runs of a container are kept"),
      at("unit/runner/pod/pod-log-dirs.test.ts")("a removed pod's logs stay a minute, then they go"),
    ],
    ["events", mirrors("events of the pods are in the API")],
  ],
  admission: [
    [
      "resources, maxPods, labels, ports, system",
      admit("a pod is refused for %s"),
      admit("a shortage tells how much, in the kubelet's words"),
      admit("beside a pod on port 80, %s: %s"),
    ],
    [
      "rejected is Failed; better: asked again when there is room",
      admission("a pod for which there is no room is shown as rejected, and starts when room is made"),
    ],
    [
      "n.a.: preemption and eviction",
      {
        why: "there are only static pods, which a kubelet does not evict; the more important one gets the room",
      },
      admission("the more important of two pods that come together gets the room"),
    ],
  ],
};
