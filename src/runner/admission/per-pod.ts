import type { Pod } from "../../pod/types.ts";

/** A function of a pod that is computed once for each pod: one of 500 is asked about 500 times. */
export function perPod<T extends object>(compute: (pod: Pod) => T): (pod: Pod) => T {
  const known = new WeakMap<Pod, T>();
  return (pod) => {
    const value = known.get(pod) ?? compute(pod);
    known.set(pod, value);
    return value;
  };
}
