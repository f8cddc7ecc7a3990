import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { formatCase, type MatrixCase } from "./matrix.ts";
import { type Observed, observeFiles } from "./observe-files.ts";

/** Where kubeadm puts what a case is judged by. */
export const OBSERVED_DIRS = ["etc/kubernetes", "srv/pki", "var/lib/kubelet", "var/lib/etcd", "srv/etcd"];

/** The phases that write files. */
const PHASES = [
  ["certs", "all"],
  ["kubeconfig", "all"],
  ["etcd", "local"],
  ["control-plane", "all"],
  ["kubelet-start"],
];

/** Directories of CA certificates, whose presence on a machine changes the manifests. */
const CA_DIRS = [
  "/etc/pki/ca-trust",
  "/etc/pki/tls/certs",
  "/etc/ca-certificates",
  "/usr/share/ca-certificates",
  "/usr/local/share/ca-certificates",
];

/** What a kubeadm made of a case, or why it refused it. */
export type KubeadmOutcome =
  | { readonly kind: "files"; readonly files: Readonly<Record<string, Observed>> }
  | { readonly kind: "refused"; readonly message: string };

/** Runs a kubeadm on a case, with a directory of its own as the machine's root. Needs root's rights. */
export function runKubeadm(
  program: string,
  run: { readonly matrixCase: MatrixCase; readonly root: string; readonly kubernetesVersion: string },
): KubeadmOutcome {
  const { matrixCase, root, kubernetesVersion } = run;
  for (const dir of CA_DIRS.filter(existsSync)) mkdirSync(join(root, dir), { recursive: true });
  writeCase(matrixCase, { root, inside: "", kubernetesVersion });
  try {
    runPhases(program, { root, matrixCase });
    if (matrixCase.without !== undefined) {
      for (const path of matrixCase.without) rmSync(join(root, path));
      cpSync(join(root, "etc/kubernetes"), join(root, "before"), { recursive: true });
      runPhases(program, { root, matrixCase });
    }
    return { kind: "files", files: observeFiles(root, OBSERVED_DIRS) };
  } catch (error) {
    return { kind: "refused", message: String(Object(error).stderr ?? error).trim() };
  }
}

/**
 * Writes the configuration, and what is there before, under a root; `inside` is what the program takes for that root.
 * Gives the configuration's path.
 */
export function writeCase(
  matrixCase: MatrixCase,
  options: { readonly root: string; readonly inside: string; readonly kubernetesVersion: string },
): string {
  const { root, inside, kubernetesVersion } = options;
  const files = { "config.yaml": formatCase(matrixCase, kubernetesVersion), ...matrixCase.files };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text.replaceAll("ROOT", inside));
  }
  return join(root, "config.yaml");
}

function runPhases(
  program: string,
  { root, matrixCase }: { readonly root: string; readonly matrixCase: MatrixCase },
): void {
  for (const phase of PHASES) {
    execFileSync(program, ["--rootfs", root, "init", "phase", ...phase, "--config", "/config.yaml"], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { PATH: process.env["PATH"], ...matrixCase.proxyEnv },
      encoding: "utf8",
    });
  }
}
