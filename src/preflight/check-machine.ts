import { errorFinding, type InitCheck } from "./init-check.ts";

/** Source: kubeadm app/constants ControlPlaneNumCPU, ControlPlaneMem. */
const MIN_CPUS = 2;
const MIN_MEMORY_MB = 1700;

/** Root is needed for `/` alone: under another root an ordinary user may have a control plane. */
export const checkUser: InitCheck = ({ config, facts }) => {
  const { uid } = facts.machine;
  if (config.root !== "/" || uid === 0) return [];
  return [
    errorFinding("IsPrivilegedUser", {
      what: "init writes to /etc and /var",
      why: `this user (uid ${uid}) is not root`,
      fix: "run it as root, or give the cluster a directory of your own: --root $HOME/cluster",
    }),
  ];
};

/** Source: kubeadm app/preflight NumCPUCheck. */
export const checkCpus: InitCheck = ({ facts }) => {
  const { cpuCount } = facts.machine;
  if (cpuCount >= MIN_CPUS) return [];
  return [
    errorFinding("NumCPU", {
      what: `the machine has ${cpuCount} CPU`,
      why: `a control plane needs ${MIN_CPUS}`,
      fix: "give it another CPU, or try it all the same: --ignore-preflight-errors=NumCPU",
    }),
  ];
};

/** Source: kubeadm app/preflight MemCheck: megabytes of 1024 × 1024. */
export const checkMemory: InitCheck = ({ facts }) => {
  const megabytes = Math.floor(facts.machine.totalMemoryBytes / 1024 / 1024);
  if (megabytes >= MIN_MEMORY_MB) return [];
  return [
    errorFinding("Mem", {
      what: `the machine has ${megabytes} MB of memory`,
      why: `a control plane needs ${MIN_MEMORY_MB} MB`,
      fix: "give it more memory, or try it all the same: --ignore-preflight-errors=Mem",
    }),
  ];
};

/** A clock in the past makes certificates that are not valid yet once it is put right. */
export const checkClock: InitCheck = ({ facts }) => {
  const { nowMs } = facts.machine;
  if (nowMs >= facts.earliestPlausibleMs) return [];
  const made = new Date(facts.earliestPlausibleMs).toISOString().slice(0, 10);
  return [
    errorFinding("Clock", {
      what: `the clock says ${new Date(nowMs).toISOString()}`,
      why: `this machine has system files made on ${made}, later than that`,
      fix: "set the clock (date -s, or chronyd, ntpd, systemd-timesyncd), for certificates are dated by it",
    }),
  ];
};
