import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { processesNaming } from "../machine.ts";

export type Component = "etcd" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler";

/** What the machine shows of a control plane that runs: no manifest and no configuration is asked. */
export interface ObservedPlane {
  /** The value of a flag of the running process; undefined: it has none. */
  flag(component: Component, name: string): string | undefined;
  /** The items of a list in a flag. */
  items(component: Component, name: string): readonly string[];
  /** Of a file or directory under the root. */
  file(path: string): { readonly mode: number; readonly owner: string };
  /** All files and directories below the certificates directory. */
  readonly pki: readonly string[];
  /** The user ids that etcd's process has, real to file system. */
  readonly etcdUids: readonly number[];
  /** The text of a file that a flag of kube-apiserver names. */
  textOf(flag: string): string;
}

const COMPONENTS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const;

/** Looks at the processes and files of a plane's root. */
export async function observePlane(root: string): Promise<ObservedPlane> {
  const args = new Map<Component, readonly string[]>();
  let etcdUids: readonly number[] = [];
  for (const { pid, args: words } of processesNaming(root)) {
    const component = COMPONENTS.find((name) => words[0]?.split("/").at(-1) === name);
    if (component === undefined) continue;
    args.set(component, words.slice(1));
    if (component === "etcd") {
      const [, ...ids] =
        /^Uid:.*$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[0].split("\t") ?? [];
      etcdUids = ids.map(Number);
    }
  }
  const files = await statAll(root, ["etc", "var/lib/etcd", "var/lib/kubelet"]);
  const texts = new Map<string, string>();
  for (const word of args.get("kube-apiserver") ?? []) {
    const [, name = "", path = ""] = /^--([^=]+)=(\/.*\.yaml)$/.exec(word) ?? [];
    if (name !== "") texts.set(name, await readFile(path, "utf8"));
  }
  return {
    ...readFlags((component) => args.get(component) ?? []),
    file: (path) => files.get(path) ?? { mode: 0o7777, owner: "nobody knows" },
    pki: [...files.keys()].filter((path) => path.startsWith("etc/kubernetes/pki")),
    etcdUids,
    textOf: (name) => texts.get(name) ?? "",
  };
}

/** What the command lines of components say. */
export function readFlags(
  argsOf: (component: Component) => readonly string[],
): Pick<ObservedPlane, "flag" | "items"> {
  const flag = (component: Component, name: string): string | undefined =>
    argsOf(component)
      .find((word) => word.startsWith(`--${name}=`))
      ?.slice(name.length + 3);
  return { flag, items: (component, name) => flag(component, name)?.split(",") ?? [] };
}

async function statAll(
  root: string,
  tops: readonly string[],
): Promise<ReadonlyMap<string, { readonly mode: number; readonly owner: string }>> {
  const found = new Map<string, { readonly mode: number; readonly owner: string }>();
  for (const top of tops) {
    for (const path of [
      top,
      ...(await readdir(join(root, top), { recursive: true })).map((name) => join(top, name)),
    ]) {
      const { mode, uid, gid } = await stat(join(root, path));
      found.set(path, { mode: mode & 0o7777, owner: `${uid}:${gid}` });
    }
  }
  return found;
}
