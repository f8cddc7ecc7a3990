import type { PodSketch } from "../pod-runner.ts";

/** Says in /mnt/journal when it begins, is told to end, and has done so `seconds` later. */
const life = (name: string, seconds: number): string => `
say() { read -r now _ </proc/uptime; echo "${name} $1 $now" >>/mnt/journal; }
trap 'say told; sleep ${seconds}; say ended; exit' TERM
say began
while :; do sleep 1000 & wait; done`;

/** Pods that end each in its own way when they are told to. */
export const MORTAL_PODS: Readonly<Record<string, PodSketch>> = {
  patient: { script: life("patient", 1), spec: { terminationGracePeriodSeconds: 19 } },
  stubborn: { script: life("stubborn", 1000), spec: { terminationGracePeriodSeconds: 3 } },
  middle: {
    script: `echo once more >>/data/starts; sync\n${life("middle", 1)}`,
    container: {
      volumeMounts: [
        { name: "data", mountPath: "/data" },
        { name: "memory", mountPath: "/memory" },
      ],
    },
    spec: {
      priority: 1000,
      terminationGracePeriodSeconds: 14,
      volumes: [
        { name: "data", emptyDir: {} },
        { name: "memory", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
      ],
    },
  },
  critical: {
    script: life("critical", 1),
    spec: {
      priority: 2_000_001_000,
      priorityClassName: "system-node-critical",
      terminationGracePeriodSeconds: 9,
    },
  },
};
