import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

/** Where a behaviour is proved, or why there is nothing to prove. */
type Proof = readonly [file: string, title: string] | { readonly why: string };

/** One thing that a kubelet does for static pods. */
type Row = readonly [behaviour: string, ...proofs: readonly Proof[]];

const at =
  (file: string) =>
  (title: string): Proof => [file, title];

const parsing = at("unit/pod/parse-static-pod.test.ts");
const refusing = at("unit/pod/parse-static-pod-refused.test.ts");
const defaulting = at("unit/pod/default-pod.test.ts");
const resourceFields = at("unit/pod/resource-field.test.ts");
const directory = at("unit/runner/sources/directory-source.test.ts");
const url = at("unit/runner/sources/url-source.test.ts");
const reconciler = at("unit/runner/reconciler.test.ts");
const hooks = at("unit/runner/reconciler-hooks.test.ts");
const restarts = at("unit/runner/reconciler-restarts.test.ts");
const adopted = at("unit/runner/reconciler-adoption.test.ts");
const admission = at("unit/runner/reconciler-admission.test.ts");
const admit = at("unit/runner/admission/admit-pod.test.ts");
const actions = at("unit/runner/pod/compute-actions.test.ts");
const backOff = at("unit/runner/cluster/back-off.test.ts");
const probes = at("unit/runner/probes/run-probe.test.ts");
const probeLoop = at("unit/runner/probes/probe-loop.test.ts");
const status = at("unit/runner/status/pod-status.test.ts");
const inert = at("unit/runner/settings/inert-fields.test.ts");
const mounts = at("unit/runner/volumes/prepare-mounts.test.ts");
const cluster = at("unit/runner/cluster.test.ts");
const mirrorJob = at("unit/runner/cluster-mirrors.test.ts");
const kubeletServer = at("unit/runner/cluster/kubelet-server.test.ts");
const kubeletStreams = at("unit/runner/cluster/kubelet-server-streams.test.ts");
const kubeletLogs = at("unit/runner/cluster/kubelet-server-logs.test.ts");
const standaloneConfig = at("unit/commands/runner/read-standalone-config.test.ts");
const nodeApi = at("integration/node-api.test.ts");
const mirrors = at("integration/mirrors.test.ts");
const life = at("integration/pod-life.test.ts");
const runnerLife = at("integration/runner-life.test.ts");
const standalone = at("integration/standalone.test.ts");
const isolation = at("integration/pod-isolation.test.ts");
const namespaces = at("integration/runtime-isolation.test.ts");
const lifecycle = at("integration/runtime-lifecycle.test.ts");
const logs = at("integration/runtime-logs.test.ts");
const adoption = at("integration/runtime-adoption.test.ts");

const TOLD = at("integration/pod-isolation.test.ts")(
  "a field that cannot act is told once for the life of the runner",
);

/**
 * What a kubelet 1.37 does for static pods, by subject; each is proved by the tests behind it. `why`: it cannot be for
 * processes of the machine, or it is otherwise here on purpose.
 */
const TABLE: Readonly<Record<string, readonly Row[]>> = {
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
  "mirror pods": [
    [
      "annotations and owner",
      mirrorJob("a static pod gets a mirror with its hash, its owner and its status"),
      mirrors("a mirror belongs to the Node, is of generation 1 and observes none, as the kubelet's"),
    ],
    [
      "made anew when deleted or of another hash",
      mirrorJob("a mirror that a user edits or asks to delete is made anew"),
    ],
    ["those without a pod go", mirrorJob("a changed manifest gets a new mirror, a removed one none")],
    [
      "status",
      mirrorJob("a status that somebody else wrote is put right, and each is for the mirror of one UID only"),
    ],
    [
      "under NodeRestriction",
      mirrors(
        "what a user changes in a mirror's metadata or spec is undone by a new one, and the process goes on",
      ),
    ],
    [
      "the process goes on",
      nodeApi("a mirror that a user deletes or edits is right again, and the process goes on"),
    ],
  ],
  "the node": [
    [
      "registration, labels, addresses, conditions",
      mirrors(
        "the Node has its Lease, addresses, capacity and conditions, and the labels and taints of the kubelet's arguments",
      ),
    ],
    [
      "status and Lease",
      cluster("a steady node costs no writes"),
      cluster("the lease names the node as holder"),
    ],
    [
      "taints and labels",
      cluster("the node is registered with labels, the taint of the host runtime, and a ready status"),
      at("integration/init.test.ts")(
        "the node is ready, labelled as a control plane and closed to ordinary pods",
      ),
    ],
    [
      "an API server that is down",
      mirrors(
        "while the API server is down pods go on and follow their manifests, and all is shown when it is back",
      ),
    ],
    [
      "standalone",
      standalone(
        "a pod file placed in the directory runs, an edit recreates the pod, removing the file deletes it",
      ),
    ],
  ],
  "kubelet API": [
    [
      "health, pods, logs",
      kubeletServer("the health check needs neither TLS nor a name"),
      kubeletServer("pods are listed under their static UID"),
      kubeletLogs("a container's log is served as the query asks"),
    ],
    [
      "exec, attach",
      nodeApi("exec -it has a terminal of the client's size, and its interrupt works"),
      nodeApi("logs and attach show what the container says"),
    ],
    ["port-forward", nodeApi("port-forward reaches a port of the pod")],
    [
      "who may",
      nodeApi(
        "the node itself answers nobody without a name or the right, but for its health on a port of its own",
      ),
    ],
    [
      "metrics and what is used",
      nodeApi("the API server's proxy shows pods, configuration, metrics and what is used"),
    ],
    [
      "run, running pods, configuration, the machine's logs",
      kubeletStreams("run gives what a command writes on both outputs, and of one that fails how it ended"),
      kubeletServer("the configuration is shown, but no header of the manifest's source"),
      kubeletStreams(
        "without debugging handlers nothing reaches into containers or logs, and the rest goes on",
      ),
      nodeApi("the proxy shows the machine's logs, and nothing beside them"),
    ],
    [
      "n.a.: checkpoints, devices",
      kubeletServer("what is not served says so, and what is not known is not found"),
    ],
  ],
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

/** How many rows each subject has in the reference that this table follows; 101 in all. */
const COUNTS = [8, 2, 7, 9, 15, 17, 14, 6, 5, 7, 3, 5, 3];

const subjects = Object.entries(TABLE);
const rows = subjects.flatMap(([subject, behaviours]) =>
  behaviours.map(([behaviour, ...proofs]) => [`${subject}: ${behaviour}`, proofs] as const),
);

test("no row is missing, and each has a proof", () => {
  expect(subjects.map(([, behaviours]) => behaviours.length)).toEqual(COUNTS);
  expect(rows.filter(([, proofs]) => !proofs.some(Array.isArray)).map(([row]) => row)).toEqual([]);
});

test.each(rows)("%s: the tests that prove it are there", (_, proofs) => {
  for (const proof of proofs) {
    if ("why" in proof) continue;
    const [file, title] = proof;
    const text = readFileSync(resolve(import.meta.dirname, "../..", file), "utf8");
    expect(text).toContain(`"${title}"`);
  }
});
