import { at, type Checklist } from "./checklist.ts";

const cluster = at("unit/runner/cluster.test.ts");
const mirrorJob = at("unit/runner/cluster-mirrors.test.ts");
const kubeletServer = at("unit/runner/cluster/kubelet-server.test.ts");
const kubeletStreams = at("unit/runner/cluster/kubelet-server-streams.test.ts");
const kubeletLogs = at("unit/runner/cluster/kubelet-server-logs.test.ts");
const nodeApi = at("integration/node-api.test.ts");
const mirrors = at("integration/mirrors.test.ts");
const standalone = at("integration/standalone.test.ts");

/** What a kubelet tells the API, and answers it. */
export const CLUSTER: Checklist = {
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
};
