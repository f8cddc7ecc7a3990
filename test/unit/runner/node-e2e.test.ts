import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

/** One of Kubernetes' own node tests, and the test of ours that has its intent or why it cannot apply. */
type Row = readonly [name: string, ours: readonly [file: string, title: string] | { readonly why: string }];

const MIRRORS = "integration/mirrors.test.ts";
const NODE_API = "integration/node-api.test.ts";
const STANDALONE = "integration/standalone.test.ts";
const PODS = "integration/pod-life.test.ts";
const RUNNER = "integration/runner-life.test.ts";

const ENV_FILES: readonly [string, string] = [
  "integration/pod-volumes.test.ts",
  "an init container's file in an emptyDir gives variables to the containers after it",
];

/**
 * All tests of Kubernetes 1.37.2 for static and mirror pods.
 * Source: test/e2e_node/mirror_pod_test.go, mirror_pod_grace_period_test.go, static_pod_test.go, standalone_test.go.
 */
const TABLE: Readonly<Record<string, readonly Row[]>> = {
  mirror_pod: [
    [
      "should be updated when static pod updated",
      [MIRRORS, "an edit of %s in the manifest is a new mirror with that, of generation 1"],
    ],
    [
      "should be recreated when mirror pod gracefully deleted",
      [NODE_API, "a mirror that a user deletes or edits is right again, and the process goes on"],
    ],
    [
      "should be recreated when mirror pod forcibly deleted",
      [NODE_API, "a mirror that a user deletes or edits is right again, and the process goes on"],
    ],
    [
      // The kubelet counts that as a restart, for it finds the containers of the pod of the same UID; here it is a new pod.
      "should successfully recreate when file is removed and recreated",
      [MIRRORS, "a file that is removed and put back is another process, and its mirror shows that"],
    ],
    [
      "it should launch successfully even if it temporarily failed termination due to volume failing to unmount",
      { why: "its volume is an NFS server's; the runner has no volume that another machine can hold" },
    ],
    [
      "mirror pod: update activeDeadlineSeconds",
      [MIRRORS, "an edit of %s in the manifest is a new mirror with that, of generation 1"],
    ],
    [
      "mirror pod: update container image",
      [MIRRORS, "an edit of %s in the manifest is a new mirror with that, of generation 1"],
    ],
    [
      "mirror pod: update initContainer image",
      [MIRRORS, "an edit of %s in the manifest is a new mirror with that, of generation 1"],
    ],
    ["should be able to consume variables from a file", ENV_FILES],
    [
      "should not change container status",
      [RUNNER, "a runner that is killed at any moment restarts no pod, and what was ready stays so"],
    ],
  ],
  mirror_pod_grace_period: [
    [
      "mirror pod termination should satisfy grace period when static pod is deleted",
      [PODS, "a program that ignores the stop signal is killed when its grace is over, and not before"],
    ],
    [
      "mirror pod termination should satisfy grace period when static pod is updated",
      [PODS, "an edited pod has its full grace, preStop inside it, and the new one starts when it has ended"],
    ],
    [
      "should update a static pod when the static pod is updated multiple times during the graceful termination period",
      [PODS, "three hundred edits in a row end on the last one, and no two ever run"],
    ],
    [
      // Its runtime is down meanwhile; here that is the runner itself.
      "the mirror pod should terminate successfully",
      [
        RUNNER,
        "manifests that change while no runner lives are handled on its return, with the old pod's own end",
      ],
    ],
  ],
  static_pod: [
    [
      "should be ready after init container is removed and kubelet restarts",
      [RUNNER, "a pod is ready after records of its init containers were removed, and a sidecar comes back"],
    ],
    [
      "should be ready after sidecar container is removed and kubelet restarts",
      [RUNNER, "a pod is ready after records of its init containers were removed, and a sidecar comes back"],
    ],
  ],
  standalone: [
    ["the pod should be running and consume variables", ENV_FILES],
    [
      "the pod should be running",
      [
        STANDALONE,
        "a pod file placed in the directory runs, an edit recreates the pod, removing the file deletes it",
      ],
    ],
    [
      "the pod with the port on host network should be running and can be upgraded when the container name changes",
      [PODS, "a pod changes its container's name or its namespace with the port that it listens on"],
    ],
    [
      // Commented out in 1.37.2.
      "the pod with the port on host network should be running and can be upgraded when namespace of a Pod changes",
      [PODS, "a pod changes its container's name or its namespace with the port that it listens on"],
    ],
    [
      "should be ready after init container is removed and kubelet restarts",
      [RUNNER, "a pod is ready after records of its init containers were removed, and a sidecar comes back"],
    ],
    [
      "should restart all containers on regular container exit",
      [PODS, "a rule restarts all containers of a pod, and the init containers before them"],
    ],
    [
      "the pod should be running and kubelet not panic",
      [STANDALONE, "a runner that is restarted or started again has the flags that it was started with"],
    ],
  ],
};

const rows = Object.entries(TABLE).flatMap(([suite, tests]) =>
  tests.flatMap(([name, ours]) => ("why" in ours ? [] : [[`${suite}: ${name}`, ours[0], ours[1]] as const])),
);

test.each(rows)("Kubernetes' node test %s is passed by one of ours", (_, file, title) => {
  const text = readFileSync(resolve(import.meta.dirname, "../..", file), "utf8");
  expect(text).toContain(`("${title}", async`);
});
