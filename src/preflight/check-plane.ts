import { checkPodFaults, checkRefused } from "./check-pods.ts";
import { errorFinding, warningFinding } from "./init-check.ts";
import type { CutOff, FaultFact, PlaneFacts } from "./plane-facts.ts";
import type { Finding } from "./types.ts";

type PlaneCheck = (facts: PlaneFacts) => readonly Finding[];

/** Everything that speaks against the health of a control plane that init has made, in a fixed order. */
export function checkPlane(facts: PlaneFacts): readonly Finding[] {
  const { cutOff } = facts;
  if (cutOff === "reset") return [describeCutOff(cutOff)];
  const checks = cutOff === undefined ? CHECKS : CHECKS.filter((check) => !NOT_OF_HALF.includes(check));
  return [
    ...(cutOff === undefined ? [] : [describeCutOff(cutOff)]),
    ...checks.flatMap((check) => check(facts)),
  ];
}

/** What is left of either is finished by the same command. */
function describeCutOff(command: CutOff): Finding {
  return errorFinding("CutOff", {
    what:
      command === "reset"
        ? "a reset was cut off"
        : "init did not come to its end, or what it made was removed",
    why:
      command === "reset"
        ? "not all of the control plane is removed yet"
        : "it has failed or was killed on its way, or what it made was moved away since",
    fix: command === "reset" ? "to finish it: slipway reset" : "to go on with it: slipway init",
  });
}

/** What a component is that has no pod. */
const NOT_RUNNING = "not running";

/**
 * Those that have a problem of their own. One that has no pod has none: its manifest is missing, which is told of the
 * manifest, or init did not come so far because of an earlier one.
 */
const checkComponents: PlaneCheck = ({ components, runnerProblem, missingManifests, missingDir }) => {
  if (runnerProblem !== undefined) return [];
  const missing = new Set(missingManifests.map(({ component }) => component));
  return components.flatMap(({ name, problem }) => {
    if (problem === undefined) return [];
    if (problem.summary === NOT_RUNNING && (missing.has(name) || missingDir !== undefined)) return [];
    const { summary, cause, fix, logLine } = problem;
    return [
      errorFinding(`Component-${name}`, {
        what: `${name}: ${summary}`,
        why: cause,
        fix,
        ...(logLine === undefined ? {} : { logLine }),
      }),
    ];
  });
};

/** Those that run with what has been made anew since. */
const checkOutdated: PlaneCheck = ({ components }) =>
  components.flatMap(({ name, outdatedFile }) =>
    outdatedFile === undefined
      ? []
      : [
          warningFinding(`Outdated-${name}`, {
            what: `${name} runs with an older ${outdatedFile}`,
            why: "the file was written after it had started, and such files are read then",
            fix: `slipway restart ${name}`,
          }),
        ],
  );

/** Whether anybody looks after the pods. */
export function checkRunner({ runnerProblem }: Pick<PlaneFacts, "runnerProblem">): readonly Finding[] {
  if (runnerProblem === undefined) return [];
  return [errorFinding("Runner", { what: "no runner looks after the pods", ...runnerProblem })];
}

/** Whether the next runner can begin. */
export function checkRunnerConfig({
  runnerConfigProblem,
}: Pick<PlaneFacts, "runnerConfigProblem">): readonly Finding[] {
  return runnerConfigProblem === undefined ? [] : [errorFinding("RunnerConfig", runnerConfigProblem)];
}

const checkLedger: PlaneCheck = ({ ledgerProblem, damagedLedger }) => {
  if (ledgerProblem !== undefined) {
    return [errorFinding("Ledger", { what: "what init made is not known", ...ledgerProblem })];
  }
  if (damagedLedger === undefined) return [];
  return [
    warningFinding("Ledger", {
      what: `${damagedLedger} cannot be read`,
      why: "it is damaged or gone; there are two of it, and without the other slipway reset could not undo what init made",
      fix: "to write it again: slipway init",
    }),
  ];
};

/** A manifest behind a component that fails was never written: init waits for each before the next. */
const checkManifestFiles: PlaneCheck = ({ components, cutOff, missingManifests, missingDir }) => {
  if (missingDir !== undefined) return [describeMissing(missingDir)];
  if (cutOff !== undefined) return [];
  const failing = components.findIndex(
    ({ problem }) => problem !== undefined && problem.summary !== NOT_RUNNING,
  );
  const reached = failing === -1 ? components : components.slice(0, failing + 1);
  return missingManifests
    .filter(({ component }) => reached.some(({ name }) => name === component))
    .map(({ path }) => describeMissing(path));
};

function describeMissing(path: string): Finding {
  return errorFinding("Manifest", {
    what: `${path} is not there`,
    why: "it has been moved or removed since init, so what it says is not run",
    fix: "to write it again: slipway init",
  });
}

const checkFiles: PlaneCheck = ({ missingFiles }) => {
  if (missingFiles.length === 0) return [];
  const isOne = missingFiles.length === 1;
  return [
    errorFinding("Files", {
      what: `${isOne ? "a file" : `${missingFiles.length} files`} of the control plane ${isOne ? "is" : "are"} not there: ${missingFiles.join(", ")}`,
      why: "moved or removed since init, or init did not come so far",
      fix: `to make ${isOne ? "it" : "them"} again: slipway init`,
    }),
  ];
};

/** Faults that many certificates have together, as after a wrong clock or a lost directory. */
const SHARED_FAULTS = [
  {
    code: "SLIPWAY_CERT_EXPIRED",
    what: "are outside their validity",
    fix: "check the clock (date -u); if it is right: slipway certs renew all",
  },
  { code: "SLIPWAY_FILE_ACCESS", what: "cannot be read", fix: undefined },
] as const;

const checkCertificates: PlaneCheck = ({ certificateFaults }) => {
  const groups = SHARED_FAULTS.map((shared) => ({
    shared,
    faults: certificateFaults.filter(({ code }) => code === shared.code),
  })).filter(({ faults }) => faults.length > 1);
  const grouped = new Set(groups.flatMap(({ faults }) => faults));
  return [
    ...groups.map(({ shared, faults }) => {
      const [first] = faults;
      return errorFinding("Certificates", {
        what: `${faults.length} certificates ${shared.what}: ${faults.map(({ name }) => name).join(", ")}`,
        why: `${first?.what}: ${first?.why}`,
        fix: shared.fix ?? first?.fix ?? "do it again: slipway init",
      });
    }),
    ...certificateFaults.filter((fault) => !grouped.has(fault)).map(describeFault),
  ];
};

function describeFault({ name, what, why, fix }: FaultFact): Finding {
  return errorFinding(`Certificate-${name}`, { what, why, fix });
}

const checkEnding: PlaneCheck = ({ ending }) => {
  const [first] = ending;
  if (first === undefined) return [];
  return [
    warningFinding("CertificateAge", {
      what: `${ending.length === 1 ? "a certificate ends" : `${ending.length} certificates end`} soon`,
      why: `${first.path} has ${first.daysLeft} days left`,
      fix: "slipway certs renew all",
    }),
  ];
};

/** While the component itself is told to fail, that it does not answer is no news; its failed checks are. */
const checkApiServer: PlaneCheck = ({ apiServer, components, runnerProblem, certificateFaults }) => {
  const { url, problem, failedChecks, unasked } = apiServer;
  if (unasked !== undefined && certificateFaults.some(({ name }) => name === "admin.conf")) return [];
  if (unasked !== undefined)
    return [errorFinding("Kubeconfig", { ...unasked, fix: "to have it made again: slipway init" })];
  const isTold =
    runnerProblem === undefined && components.some(({ name, ready }) => name === "kube-apiserver" && !ready);
  if (problem === undefined || (isTold && failedChecks.length === 0)) return [];
  return [
    errorFinding("ApiServer", {
      what: `the API server is not ready at ${url}`,
      why: failedChecks.length === 0 ? problem : `these checks of /readyz fail: ${failedChecks.join(", ")}`,
      fix: failedChecks.some((name) => name.startsWith("etcd"))
        ? "to see why etcd does not answer it: slipway logs etcd"
        : "to see why: slipway logs kube-apiserver",
    }),
  ];
};

const checkData: PlaneCheck = ({ lostData }) =>
  lostData === undefined ? [] : [errorFinding("EtcdData", lostData)];

const checkNode: PlaneCheck = ({ nodeProblem, apiServer }) =>
  nodeProblem === undefined || apiServer.problem !== undefined
    ? []
    : [
        warningFinding("Node", {
          what: "the Node of this machine is not kept up to date",
          why: nodeProblem,
          fix: "read the runner's log under /var/log/slipway; to see its events: slipway events",
        }),
      ];

const checkDisk: PlaneCheck = ({ slowDisk }) =>
  slowDisk === undefined ? [] : [warningFinding("EtcdDisk", slowDisk)];

const CHECKS: readonly PlaneCheck[] = [
  checkRunner,
  checkRunnerConfig,
  checkComponents,
  checkManifestFiles,
  ({ refused }) => checkRefused(refused),
  ({ podFaults }) => checkPodFaults(podFaults),
  checkCertificates,
  checkFiles,
  checkApiServer,
  checkData,
  checkNode,
  checkDisk,
  checkOutdated,
  checkEnding,
  checkLedger,
];

/** Of a control plane that is half made they tell what is told already. */
const NOT_OF_HALF: readonly PlaneCheck[] = [checkRunner, checkFiles];
