import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ApiClient } from "../../src/api/types.ts";
import type { StepOf } from "../../src/apply/step-handler.ts";
import { waitComponentHandler } from "../../src/apply/steps/wait-component.ts";
import type { PodReport } from "../../src/control/protocol.ts";
import { createNet, type TlsOptions } from "../../src/system/net.ts";
import { sampleApplyContext } from "./apply-context.ts";
import { buildComponentReport } from "./build-report.ts";
import { buildRunnerInfo, createRunnerNet } from "./fake-runner.ts";
import { createFakeSystem, systemError } from "./fake-system.ts";
import { createTempTree } from "./temp-tree.ts";

const WANTED_UID = "0123456789abcdef0123456789abcdef";

/** The wait for etcd. */
export const WAIT_STEP: StepOf<"wait-component"> = {
  kind: "wait-component",
  id: "wait/etcd",
  phase: "wait-control-plane",
  title: "",
  needs: [],
  component: "etcd",
  podUid: WANTED_UID,
  url: "http://127.0.0.1:2381/readyz",
  kubeconfigPath: undefined,
  loads: [],
  runtime: "host",
  timeoutMs: 60_000,
};

/** Every certificate and key in `KUBECONFIG`. */
export const PEM = "-----BEGIN X-----\n";
const PEM_DATA = Buffer.from(PEM).toString("base64");

/** A kubeconfig for an API server that is not there. */
export const KUBECONFIG = JSON.stringify({
  "current-context": "x",
  contexts: [{ name: "x", context: { cluster: "x", user: "x" } }],
  clusters: [{ name: "x", cluster: { server: "https://h:1", "certificate-authority-data": PEM_DATA } }],
  users: [{ name: "x", user: { "client-certificate-data": PEM_DATA, "client-key-data": PEM_DATA } }],
});

const LEDGER = {
  apiVersion: "slipway.dev/v1",
  kind: "Ledger",
  kubernetesVersion: "v1.37.2",
  nodeName: "n1",
  entries: [],
};

/** A report of the pod that is waited for. */
export function reportWanted(options: Parameters<typeof buildComponentReport>[1] = {}): PodReport {
  return asWanted(buildComponentReport("etcd", options));
}

/** The same report, of the pod that is waited for. */
export function asWanted(report: PodReport): PodReport {
  return { ...report, pod: { ...report.pod, metadata: { ...report.pod.metadata, uid: WANTED_UID } } };
}

/** Waits with a runner that shows `pods` and a component that gives the next of `answers` each time, then the last. */
export function startWait(options: {
  readonly loads?: readonly string[];
  readonly step?: Partial<typeof WAIT_STEP>;
  readonly body?: string;
  /** What etcd counts. */
  readonly metrics?: string;
  readonly onAgent?: (tls: TlsOptions) => void;
  readonly posts?: string[];
  readonly pods: () => readonly PodReport[];
  readonly answers: readonly (number | "refused")[];
  readonly signal?: AbortSignal;
  /** What the API server answers through a kubeconfig. */
  readonly request?: ApiClient["request"];
  /** What the ledger says beside what every one does. */
  readonly ledger?: object;
  readonly isNewCluster?: boolean;
}) {
  const root = createTempTree({ "sa.key": "" });
  if (options.ledger !== undefined) {
    mkdirSync(join(root, "var/lib/slipway"), { recursive: true });
    const ledger = { ...LEDGER, root, ...options.ledger };
    writeFileSync(join(root, "var/lib/slipway/ledger.json"), JSON.stringify(ledger));
  }
  const { posts = [], request } = options;
  const runner = createRunnerNet({ info: buildRunnerInfo(root), pods: options.pods, posts });
  const asked: string[] = [];
  const system = createFakeSystem({
    net: {
      request: async (request) => {
        if (request.socketPath !== undefined) return runner.request(request);
        if (request.url.endsWith("/metrics"))
          return { status: 200, headers: {}, body: Buffer.from(options.metrics ?? "") };
        asked.push(request.url);
        const answer = options.answers[asked.length - 1] ?? options.answers.at(-1) ?? "refused";
        if (answer === "refused") throw systemError("ECONNREFUSED");
        return { status: answer, headers: {}, body: Buffer.from(options.body ?? "") };
      },
      createAgent: (agent) => {
        if (agent?.tls !== undefined) options.onAgent?.(agent.tls);
        return createNet().createAgent();
      },
    },
  });
  const waits: string[] = [];
  const context = sampleApplyContext(root, {
    onWait: (_step, detail) => waits.push(detail),
    isNewCluster: options.isNewCluster ?? false,
    ...(request === undefined ? {} : { apiClient: async () => clientOf(request) }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const loads = (options.loads ?? []).map((name) => join(root, name));
  const outcome = waitComponentHandler.apply(system, {
    step: { ...WAIT_STEP, ...options.step, loads },
    context,
  });
  outcome.catch(() => undefined);
  const readKept = (): unknown =>
    JSON.parse(readFileSync(join(root, "var/lib/slipway/ledger.json"), "utf8")).clusterUid;
  return { system, outcome, asked, waits, readKept };
}

/** A client that only asks. */
function clientOf(request: ApiClient["request"]): ApiClient {
  const watch = (): never => {
    throw new Error("nothing is watched here");
  };
  return { server: "", watch, close: () => undefined, request };
}
