import { join } from "node:path";
import type { Ledger } from "../../apply/ledger.ts";
import type { ControlPlaneComponent } from "../../core/constants.ts";
import { messageOf } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { findManifestProcesses } from "../../facts/find-manifest-processes.ts";
import { readMachineFacts } from "../../facts/read-machine-facts.ts";
import { healthUrls } from "../../manifests/component-ports.ts";
import type { System } from "../../system/system.ts";
import { readPlaneConfig } from "../doctor/read-plane-config.ts";
import type { ComponentState } from "./describe-component.ts";

/** A component that is ready answers in milliseconds. */
const TIMEOUT_MS = 3000;

/** How the components do that a kubelet runs: what they say themselves, for there is no runner to ask. */
export async function observeKubeletsComponents(
  system: System,
  options: {
    readonly paths: ClusterPaths;
    readonly ledger: Ledger | undefined;
    readonly names: readonly ControlPlaneComponent[];
  },
): Promise<readonly ComponentState[]> {
  const { paths, names } = options;
  const machine = await readMachineFacts(system);
  const urls = healthUrls(await readPlaneConfig(system, { ...options, machine }));
  return Promise.all(
    names.map(async (name) => {
      const manifest = await system.fs.readTextIfExists(join(paths.manifestDir, `${name}.yaml`));
      const [pid] = manifest === undefined ? [] : await findManifestProcesses(system, manifest);
      const cause = await findFault(system, urls[name]);
      return {
        name,
        ready: cause === undefined,
        restarts: 0,
        startedAt: undefined,
        pid,
        outdatedFile: undefined,
        problem: cause === undefined ? undefined : describeProblem(pid, cause),
      };
    }),
  );
}

async function findFault(system: System, url: string): Promise<string | undefined> {
  try {
    const { status } = await system.net.request({ url, tls: { insecure: true }, timeoutMs: TIMEOUT_MS });
    return status === 200 ? undefined : `${url} answers ${status}`;
  } catch (error) {
    return `${url}: ${messageOf(error)}`;
  }
}

function describeProblem(pid: number | undefined, cause: string): ComponentState["problem"] {
  const fix =
    "see its container with crictl ps -a and crictl logs; to see what the kubelet does: journalctl -u kubelet";
  return { summary: pid === undefined ? "not running" : "not ready", cause, fix };
}
