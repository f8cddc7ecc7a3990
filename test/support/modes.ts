import { execa } from "execa";

/** Paths below a root; containers and pods by ID and UID, parts by name. What such a path is: kind, mode and owners. */
export type ModeRow = readonly [path: RegExp, what: string, ...owners: readonly string[]];

/** Every file of a control plane; owner: root. Kinds: d directory, f file, l link, s socket. */
const TABLE: readonly ModeRow[] = [
  [/^(?:|etc|run|var|var\/(?:lib|log))$/, "d 755"],
  [/^etc\/kubernetes(?:\/pki(?:\/etcd)?)?$/, "d 755"],
  [/^etc\/kubernetes\/manifests$/, "d 700"],
  [/^etc\/kubernetes\/manifests\/(?:etcd|kube-(?:apiserver|controller-manager|scheduler))\.yaml$/, "f 600"],
  [/^etc\/kubernetes\/(?:super-admin|admin|kubelet|controller-manager|scheduler)\.conf$/, "f 600"],
  [/^etc\/kubernetes\/pki\/[a-z-]+(?:\/[a-z-]+)?\.crt$/, "f 644"],
  [/^etc\/kubernetes\/pki\/[a-z-]+(?:\/[a-z-]+)?\.key$/, "f 600"],
  [/^etc\/kubernetes\/pki\/sa\.pub$/, "f 600"],
  [/^run\/slipway$/, "d 700"],
  [/^run\/slipway\/control\.sock$/, "s 600"],
  [/^var\/lib\/etcd(?:\/member(?:\/(?:snap|wal))?)?$/, "d 700"],
  [/^var\/lib\/etcd\/member\/(?:snap|wal)\/[^/]+$/, "f 600"],
  [/^var\/lib\/kubelet$/, "d 700"],
  [/^var\/lib\/kubelet\/(?:config\.yaml|instance-config\.yaml|kubeadm-flags\.env)$/, "f 644"],
  [/^var\/lib\/slipway(?:\/pki)?$/, "d 700"],
  [
    /^var\/lib\/slipway\/(?:ledger(?:\.copy)?\.json|(?:runner|config)\.yaml|(?:made-paths|events)\.jsonl|services\.json)$/,
    "f 600",
  ],
  [/^var\/lib\/slipway\/pki\/kubelet\.crt$/, "f 644"],
  [/^var\/lib\/slipway\/pki\/kubelet\.key$/, "f 600"],
  [/^var\/lib\/slipway\/containers(?:\/\.exits|\/ID(?:\/spool)?)?$/, "d 700"],
  [/^var\/lib\/slipway\/containers\/ID\/(?:container|log)\.json$/, "f 600"],
  [/^var\/lib\/slipway\/containers\/\.spool-keeper$/, "f 600"],
  // Written by the shim; nobody else gets into the directory.
  [/^var\/lib\/slipway\/containers\/(?:ID\/identity|\.exits\/ID)$/, "f 644"],
  [/^var\/lib\/slipway\/containers\/ID\/spool\/std(?:out|err)$/, "f 600"],
  [/^var\/lib\/slipway\/pods(?:\/UID)?$/, "d 750"],
  [/^var\/lib\/slipway\/pods\/UID\/status\.json$/, "f 600"],
  [/^var\/log\/(?:slipway|containers|pods(?:\/kube-system_[a-z-]+_UID(?:\/[a-z-]+)?)?)$/, "d 755"],
  // Of each run, rotated and then compressed.
  [
    /^var\/log\/pods\/kube-system_[a-z-]+_UID\/[a-z-]+\/\d\.log(?:\.\d{8}-\d{6}(?:\.gz(?:\.tmp)?)?)?$/,
    "f 640",
  ],
  [/^var\/log\/containers\/[a-z-]+_kube-system_[a-z-]+-ID\.log$/, "l 777"],
  [/^var\/log\/slipway\/runner\.log$/, "f 640"],
];

/** What below a root is not as the table, or these rows before it, have it; what is in neither is not, either. */
export async function findStrangers(root: string, rows: readonly ModeRow[] = []): Promise<readonly string[]> {
  const { stdout } = await execa("find", [root, "-printf", "%P|%y %m|%U:%G\n"]);
  return stdout.split("\n").flatMap((line) => {
    const [path = "", what, owner] = line.split("|");
    const generic = path.replaceAll(/[0-9a-f]{64}/g, "ID").replaceAll(/[0-9a-f]{32}/g, "UID");
    const [, wanted, ...owners] = [...rows, ...TABLE].find(([pattern]) => pattern.test(generic)) ?? [];
    const allowed = owners.length === 0 ? ["0:0"] : owners;
    if (what === wanted && allowed.includes(owner ?? "")) return [];
    return [`${line}, not ${wanted === undefined ? "in the table" : `${wanted} ${allowed.join(" or ")}`}`];
  });
}
