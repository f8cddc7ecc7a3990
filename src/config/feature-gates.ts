import { selectMinorVersion } from "../core/kubernetes-versions.ts";
import { selectNearest } from "../core/nearest.ts";
import { quote } from "./field-rules.ts";

/** A feature gate of kubeadm's, and what may be said of it here. */
interface FeatureGate {
  /** The minors, 1.N, whose kubeadm knows it. */
  readonly minors: readonly number[];
  /** Which value is refused, and why; the other one is what is done anyway. Undefined: both act. */
  readonly refused?: { readonly value: boolean; readonly why: string };
  /** What to do where it is not known any more. */
  readonly instead: string;
}

const ALWAYS_ON = { value: false, why: "it is always on here; remove it" };
const REMOVE = "it is always on; remove it";

/** Source: kubeadm app/features InitFeatureGates of v1.34.4, v1.35.4, v1.36.3 and v1.37.2. */
const FEATURE_GATES: ReadonlyMap<string, FeatureGate> = new Map(
  Object.entries({
    RootlessControlPlane: {
      minors: [34, 35, 36, 37],
      refused: {
        value: true,
        why: "an alpha feature that kubeadm gives up in favour of user namespaces, and not to be had here; remove it",
      },
      instead: "remove it",
    },
    PublicKeysECDSA: { minors: [34, 35, 36], instead: "write encryptionAlgorithm: ECDSA-P256 instead" },
    NodeLocalCRISocket: { minors: [34, 35, 36], refused: ALWAYS_ON, instead: REMOVE },
    ControlPlaneKubeletLocalMode: { minors: [34, 35], refused: ALWAYS_ON, instead: REMOVE },
    WaitForAllControlPlaneComponents: { minors: [34], refused: ALWAYS_ON, instead: REMOVE },
    EtcdLearnerMode: { minors: [], instead: REMOVE },
  }),
);

/** What is wrong with a feature gate for a Kubernetes version, as the rest of a sentence; undefined when nothing is. */
export function describeGateProblem(
  gate: { readonly name: string; readonly on: boolean },
  kubernetesVersion: string,
): string | undefined {
  const { name, on } = gate;
  const minor = selectMinorVersion(kubernetesVersion)?.minor ?? 0;
  const known = [...FEATURE_GATES].filter(([, { minors }]) => minors.includes(minor)).map(([key]) => key);
  const found = FEATURE_GATES.get(name);
  if (found?.minors.includes(minor)) return found.refused?.value === on ? found.refused.why : undefined;
  const nearest = selectNearest(name, known);
  const hint =
    found?.instead ?? (nearest === undefined ? `known: ${known.join(", ")}` : `did you mean ${nearest}?`);
  return `kubeadm 1.${minor} has no feature gate ${quote(name)}; ${hint}`;
}

/** What a Kubernetes version takes: `NAME=true`. */
export function listGateValues(kubernetesVersion: string): readonly string[] {
  return [...FEATURE_GATES.keys()].flatMap((name) =>
    [true, false]
      .filter((on) => describeGateProblem({ name, on }, kubernetesVersion) === undefined)
      .map((on) => `${name}=${on}`),
  );
}
