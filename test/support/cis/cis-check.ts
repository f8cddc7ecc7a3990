import type { ObservedPlane } from "./observe-plane.ts";

/** One recommendation of the CIS Kubernetes Benchmark 1.12, in our own words. */
export interface CisCheck {
  readonly id: string;
  readonly asks: string;
  /** What the defaults of init and of kubeadm come to. */
  readonly byDefault: "passes" | "fails";
  readonly passes: (plane: ObservedPlane) => boolean;
}
