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
    if (kubeadm.length === slipway.length)
      return kubeadm.flatMap((item, index) => listDifferences(item, slipway[index], `${path}[${index}]`));
    const [theirs, ours] = [byName(kubeadm), byName(slipway)];
    if (theirs === undefined || ours === undefined) return [{ path, kubeadm, slipway }];
    return listDifferences(theirs, ours, path);
  }
  if (!isGroup(kubeadm) || !isGroup(slipway)) return [{ path, kubeadm, slipway }];
  const names = [...new Set([...Object.keys(kubeadm), ...Object.keys(slipway)])].sort();
  return names.flatMap((name) =>
    listDifferences(kubeadm[name], slipway[name], path === "" ? name : `${path} ${name}`),
  );
}

/** The items of a list by their names, if each has one; so that one more item is one difference. */
function byName(list: readonly unknown[]): Readonly<Record<string, unknown>> | undefined {
  const entries = list.flatMap((item): [string, unknown][] =>
    isGroup(item) && typeof item["name"] === "string" ? [[item["name"], item]] : [],
  );
  return entries.length === list.length ? Object.fromEntries(entries) : undefined;
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
