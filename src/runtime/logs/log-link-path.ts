import { basename, dirname, join } from "node:path";
import type { ContainerRecord } from "../container-record.ts";

/**
 * The symlink to a container's log under /var/log/containers. A name has at most 255 bytes, and a longer one is cut at
 * its end. Source: kubelet kuberuntime legacy.go logSymlink.
 */
export function logLinkPath({ id, spec }: ContainerRecord): string {
  const name = `${basename(spec.logLinkPrefix)}-${id}`.slice(0, 255 - ".log".length);
  return join(dirname(spec.logLinkPrefix), `${name}.log`);
}
