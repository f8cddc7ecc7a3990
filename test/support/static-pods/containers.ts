import { at, type Checklist } from "./checklist.ts";

const resourceFields = at("unit/pod/resource-field.test.ts");
const hooks = at("unit/runner/reconciler-hooks.test.ts");
const actions = at("unit/runner/pod/compute-actions.test.ts");
const backOff = at("unit/runner/cluster/back-off.test.ts");
const probes = at("unit/runner/probes/run-probe.test.ts");
const probeLoop = at("unit/runner/probes/probe-loop.test.ts");
const status = at("unit/runner/status/pod-status.test.ts");
const inert = at("unit/runner/settings/inert-fields.test.ts");
const mounts = at("unit/runner/volumes/prepare-mounts.test.ts");
const mirrors = at("integration/mirrors.test.ts");
const life = at("integration/pod-life.test.ts");
const runnerLife = at("integration/runner-life.test.ts");
const isolation = at("integration/pod-isolation.test.ts");
const namespaces = at("integration/runtime-isolation.test.ts");
const lifecycle = at("integration/runtime-lifecycle.test.ts");
const logs = at("integration/runtime-logs.test.ts");

const TOLD = isolation("a field that cannot act is told once for the life of the runner");

/** What a kubelet does for containers: their life, and what they see and may. */
export const CONTAINERS: Checklist = {
  "life of containers": [
    [
      "order, init containers, sidecars",
      actions("init containers run one after another before the others"),
      life("containers start in order and sidecars stop last, the first of them at the end"),
    ],
    ["restart policies", actions("policy %s after exit %i starts %s")],
    [
      "a container's own policy and rules",
      actions("a container's restart follows %s"),
      life("a rule restarts all containers of a pod, and the init containers before them"),
    ],
    [
      "back-off",
      backOff("the delays of %s"),
      backOff("a run of more than ten minutes ends the row"),
      backOff("the delay never shrinks within a row and never passes the maximum"),
    ],
    [
      "hooks",
      at("unit/runner/container/run-hook.test.ts")(
        "any answer to an http hook is a success, and it is asked as the kubelet asks",
      ),
      at("unit/runner/container/run-hook.test.ts")(
        "a sleep hook sleeps, and ends early when its container does",
      ),
      hooks("the next container starts and probes begin when the postStart hook is done"),
    ],
    [
      "probes",
      probeLoop("a result changes after as many equal outcomes in a row as the threshold says"),
      probeLoop("a liveness probe that has failed for good stops"),
      life("a liveness probe of each kind restarts what fails, with the probe's own grace"),
    ],
    [
      "gRPC probes",
      runnerLife("a gRPC probe finds a real etcd ready, and not a service that it does not know"),
    ],
    [
      "TLS unverified, redirects, user agent",
      probes("a certificate that nobody vouches for is no failure"),
      probes("a redirect within the host is followed, one that leaves it is a success with a warning"),
      probes("a status of 200 to 399 is a success, with the kubelet's headers"),
    ],
    [
      "termination messages",
      logs("what a container says of its end is in its state, for the runtime that finds it ended too"),
    ],
    [
      "reasons and exit codes",
      lifecycle("a container killed by a signal from outside is told with the signal, within moments"),
      lifecycle("a program %s is told as one that could not be started"),
      isolation("a container that needs more memory than it may have ends as OOMKilled, with 137"),
    ],
    [
      "container statuses",
      status("a running pod has the shape of the API"),
      status("a container in back-off shows its last end"),
      runnerLife("what ended while no runner lived has its exit code, and the row of restarts goes on"),
    ],
    [
      "phase and conditions",
      status("when %s the phase follows"),
      status("the five conditions are true for a pod that is ready"),
      status("a pod with a readiness gate is not ready, for nobody can open it, and its containers are"),
    ],
    ["activeDeadlineSeconds", life("a pod over its active deadline is stopped and has failed")],
    ["n.a.: resize in place", inert("%s of a container is told")],
    [
      "shutdown by priority",
      runnerLife(
        "with shutdown periods a pod that does not end has its period and no more, and the next have theirs",
      ),
      runnerLife("pods are stopped in order of their importance, the API server and etcd at the end"),
      at("integration/runner-stop.test.ts")(
        "a pod that is added while pods are being stopped is refused, and runs after the next start",
      ),
      status(
        "a pod that ended with the machine has failed in the kubelet's words, one that had done its work has not",
      ),
    ],
  ],
  "variables, volumes and files": [
    [
      "variables of Services",
      at("unit/runner/services/build-service-env.test.ts")(
        "a Service gives the variables that the kubelet's own test expects",
      ),
      mirrors(
        "a container that starts is told of the Services that are known then, and none is restarted for them",
      ),
    ],
    [
      "$(NAME), fields, resources; nothing of the runner's own",
      at("unit/runner/container/build-env.test.ts")(
        "a variable may refer to one of a Service and to earlier ones, and the container's own win over Services'",
      ),
      resourceFields("metadata is told by field, by key and as a whole map, sorted and quoted"),
      lifecycle("the environment is exactly the container's, a PATH and the marker, whatever the names"),
    ],
    [
      "fileKeyRef",
      at("integration/pod-volumes.test.ts")(
        "an init container's file in an emptyDir gives variables to the containers after it",
      ),
    ],
    [
      "hostPath types, modes, errors",
      at("unit/runner/volumes/prepare-host-path.test.ts")(
        "each type takes what it names and refuses all else in the kubelet's words",
      ),
      at("unit/runner/volumes/prepare-host-path.test.ts")(
        "what is missing is made with the kubelet's modes, and noted first",
      ),
    ],
    [
      "mounts at another path",
      namespaces(
        "volumes are seen where the container wants them, and nothing is made on the machine for it",
      ),
    ],
    [
      "readOnly, recursiveReadOnly",
      namespaces("a read-only mount cannot be written, at another path or its own"),
      mounts("a projection is always read-only, and recursively when that is asked for"),
    ],
    [
      "mountPropagation",
      namespaces("what the machine mounts later is seen through a mount that asks for it, and no other"),
      mounts("Bidirectional propagation is asked for at the machine's own paths and elsewhere"),
      at("integration/pod-volumes.test.ts")(
        "what a container mounts below a Bidirectional mount reaches the machine, and nothing else does",
      ),
    ],
    [
      "emptyDir",
      isolation("an emptyDir is shared by a pod's containers, and a program out of it can be run"),
      isolation("an emptyDir in memory has its size, outlives the runner, and is gone with its pod"),
    ],
    ["n.a.: sizeLimit on disk", inert("%s of a pod is told")],
    [
      "downwardAPI, projected",
      isolation("what a pod says of itself is in files and variables"),
      at("unit/runner/volumes/write-projected-files.test.ts")(
        "the visible names lead through one link, which a second writing turns to new files, all at once",
      ),
    ],
    [
      "subPath",
      isolation("subPath and subPathExpr are made where they lack, and never lead out of their volume"),
    ],
    [
      "n.a.: image and network volumes",
      isolation("a volume that needs a container runtime holds its pod and says so"),
    ],
    [
      "hosts and DNS",
      at("integration/pod-volumes.test.ts")(
        "hostAliases, dnsPolicy and dnsConfig are in the pod's own files, and not in the machine's",
      ),
    ],
    [
      "DNS",
      at("unit/runner/volumes/network-files.test.ts")(
        "a pod's DNS settings are added to the machine's, and its options win",
      ),
    ],
    ["hostname: the node's own", inert("%s of a pod is told")],
    [
      "directories, log lines, links",
      lifecycle("the log is 0640 and the link beside the others leads to it until the container is removed"),
      at("unit/runtime/format-log-lines.test.ts")(
        "a line of exactly the limit stays whole, one byte more makes two parts",
      ),
    ],
    [
      "rotation",
      logs("a flood is rotated and kept to its bounds, and its spool given back"),
      at("unit/runtime/plan-rotation.test.ts")("all rotated files but the newest are compressed"),
    ],
  ],
  "security and resources": [
    [
      "users and groups",
      namespaces("a user, groups, capabilities and no new privileges are what was asked for"),
    ],
    ["runAsNonRoot", isolation("runAsNonRoot without a user waits with the kubelet's words")],
    ["fsGroup", isolation("user, group, fsGroup, capabilities and a read-only root are as the pod says")],
    [
      "no new privileges",
      namespaces("a user, groups, capabilities and no new privileges are what was asked for"),
    ],
    ["capabilities", at("unit/runner/isolation/build-security.test.ts")("capabilities: %s")],
    ["readOnlyRootFilesystem", namespaces("with a read-only root only volumes and devices can be written")],
    ["n.a.: seccomp, AppArmor, SELinux", inert("%s of a container is told"), TOLD],
    ["n.a.: procMount", inert("procMount is told where it asks for more than a runtime's default")],
    ["n.a.: sysctls", inert("%s of a pod is told")],
    ["n.a.: processes and IPC are shared with the machine", inert("%s of a pod is told")],
    ["hostNetwork: false runs on the machine's network", inert("%s of a pod is told"), TOLD],
    [
      "privileged",
      at("unit/runner/isolation/build-security.test.ts")("a privileged container keeps every capability"),
    ],
    [
      "cgroups",
      isolation("limits are in the container's cgroup and its pod's"),
      at("unit/runtime/cgroups.test.ts")(
        "under version 2 each level hands its controllers down and has its own limits",
      ),
    ],
    ["oom_score_adj", at("unit/runner/container/oom-score.test.ts")("a container of a %s pod")],
  ],
};
