import { AGREED } from "./agreed.ts";
import { DIFFERENT } from "./different.ts";
import { CLUSTER, CLUSTER_HEAD, INIT, NODE_INIT, V4 } from "./documents.ts";

/** A configuration file that kubeadm and Slipway judge. */
export interface CorpusEntry {
  readonly name: string;
  readonly text: string;
  /** Why our verdict is another than kubeadm's, and on purpose. */
  readonly differs?: string;
}

export const CORPUS: readonly CorpusEntry[] = [
  ...AGREED.map((text) => ({ name: describe(text), text })),
  ...DIFFERENT.flatMap(([differs, texts]) => texts.map((text) => ({ name: describe(text), text, differs }))),
];

function describe(text: string): string {
  const heads = [INIT, NODE_INIT, CLUSTER, CLUSTER_HEAD, V4];
  const short = heads.reduce((rest, head) => rest.replaceAll(head, ""), text);
  return short.replaceAll(/-{3}|\s+/g, " ").trim() || "defaults";
}
