/** A place where two values are not the same; undefined: it is not there. */
export interface Difference {
  /** `FILE` or `FILE field.list[0]`. */
  readonly path: string;
  readonly kubeadm: unknown;
  readonly slipway: unknown;
}

/** Where two values differ, at the deepest place that both have. */
export function listDifferences(kubeadm: unknown, slipway: unknown, path = ""): readonly Difference[] {
  if (Object.is(kubeadm, slipway)) return [];
  if (Array.isArray(kubeadm) && Array.isArray(slipway)) {
    return kubeadm.length === slipway.length
      ? kubeadm.flatMap((item, index) => listDifferences(item, slipway[index], `${path}[${index}]`))
      : [{ path, kubeadm, slipway }];
  }
  if (!isGroup(kubeadm) || !isGroup(slipway)) return [{ path, kubeadm, slipway }];
  const names = [...new Set([...Object.keys(kubeadm), ...Object.keys(slipway)])].sort();
  return names.flatMap((name) =>
    listDifferences(kubeadm[name], slipway[name], path === "" ? name : `${path} ${name}`),
  );
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
