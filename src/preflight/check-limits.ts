import type { InitFacts } from "../facts/types.ts";
import { errorFinding, type FindingText, type InitCheck, warningFinding } from "./init-check.ts";

const MIB = 1024 * 1024;

/**
 * Measured with no load: kube-apiserver has 96 files and connections open, etcd 84, the runner 45; with a limit of 128
 * init fails, with 256 it works. Each client and each watch takes one more.
 */
const NEEDED_OPEN_FILES = 256;
const ADVISED_OPEN_FILES = 4096;

/** Resident just after init: API server 280 MB, controller-manager 80, runner 70, scheduler 66, etcd 46; with some room. */
const NEEDED_MEMORY_MIB = 700;

/** Less than this is left for a burst of requests. */
const SPARE_MEMORY_MIB = 150;

/** Every process of a control plane inherits this limit from init. */
export const checkOpenFiles: InitCheck = ({ facts }) => {
  const limit = facts.openFilesLimit;
  if (limit === undefined || limit >= ADVISED_OPEN_FILES) return [];
  const what = `a process here may have only ${limit} files and connections open`;
  const fix = `raise it: ulimit -Hn 65536 as root, or "* hard nofile 65536" in /etc/security/limits.conf`;
  if (limit < NEEDED_OPEN_FILES)
    return [
      errorFinding("OpenFiles", { what, why: `the components need ${NEEDED_OPEN_FILES} to start`, fix }),
    ];
  const why = `${ADVISED_OPEN_FILES} are advised: each client and each watch takes one`;
  return [warningFinding("OpenFiles", { what, why, fix })];
};

/** Without a watch everything is still looked at from time to time. */
export const checkInotify: InitCheck = ({ facts: { inotifyProblem } }) =>
  inotifyProblem === undefined ? [] : [warningFinding("Inotify", describeInotify(inotifyProblem))];

/** What there is to say of a user who may watch no more files. */
export function describeInotify(problem: NonNullable<InitFacts["inotifyProblem"]>): FindingText {
  const key = problem === "EMFILE" ? "max_user_instances" : "max_user_watches";
  return {
    what: `no file can be watched: fs.inotify.${key} is used up (${problem})`,
    why: "changed manifests and renewed certificates are noticed late, and tail -f and other programs fail",
    fix: `raise it, and keep it in /etc/sysctl.d: sysctl -w fs.inotify.${key}=${problem === "EMFILE" ? 1024 : 524_288}`,
  };
}

/** What is free now; that the machine has enough altogether is another check. */
export const checkFreeMemory: InitCheck = ({ facts, resuming }) => {
  const mebibytes = Math.floor(facts.availableMemoryBytes / MIB);
  const needed = resuming ? SPARE_MEMORY_MIB : NEEDED_MEMORY_MIB;
  if (mebibytes >= needed) return [];
  return [
    warningFinding("FreeMemory", {
      what: `only ${mebibytes} MiB of memory are available`,
      why: resuming
        ? "when it runs out, the kernel kills the largest process, which may be the API server"
        : `a control plane at rest takes ${NEEDED_MEMORY_MIB} MiB`,
      fix: "see what takes it (ps aux --sort=-rss | head), and stop that or give the machine more",
    }),
  ];
};
