import { join } from "node:path";
import type { Finding } from "../../pod/decode-manifest.ts";
import { defaultPod } from "../../pod/default-pod.ts";
import type { ParsedManifest } from "../../pod/parse-static-pod.ts";
import type { ResourceAmounts } from "../../pod/resource-amounts.ts";
import type { Container, Pod } from "../../pod/types.ts";
import { computeAllocatable, readMachine } from "../../runner/cluster/read-machine.ts";
import { buildEnv } from "../../runner/container/build-env.ts";
import { describeAbsence } from "../../runner/container/describe-absence.ts";
import { expandVariables } from "../../runner/container/expand-variables.ts";
import { type ContainerMount, isWithin, trimPath } from "../../runtime/isolation.ts";
import { type LocateImage, listProgramPlaces, resolveCommand } from "../../runtime/resolve-command.ts";
import type { System } from "../../system/system.ts";

interface Options {
  readonly parsed: Extract<ParsedManifest, { readonly kind: "pod" }>;
  readonly nodeName: string;
  readonly origin: string;
  readonly locateImage: LocateImage;
}

/**
 * The containers that a runner on this machine would let wait, for their images name no program that is here now: a
 * finding for each, in the words of the container's waiting state. A program that may come to lie in a volume of the
 * pod's own, and one that nobody but a runner can name, is no finding.
 */
export async function findMissingPrograms(system: System, options: Options): Promise<readonly Finding[]> {
  const { parsed, ...place } = options;
  const pod = defaultPod({ manifest: parsed.manifest, ...place, source: "file", seenAt: "" });
  const { initContainers = [], containers } = pod.spec;
  const allocatable = computeAllocatable(await readMachine(system, { stateDir: "/" }));
  const all = [
    ...initContainers.map((container, index) => ({
      container,
      field: `spec.initContainers[${index}].image`,
    })),
    ...containers.map((container, index) => ({ container, field: `spec.containers[${index}].image` })),
  ];
  const findings = all.map(async ({ container, field }) => {
    const waiting = await describeWaiting(system, { ...options, pod, container, allocatable });
    return waiting === undefined ? [] : [{ position: parsed.locate(field), text: `${field}: ${waiting}` }];
  });
  return (await Promise.all(findings)).flat();
}

async function describeWaiting(
  system: System,
  options: Options & {
    readonly pod: Pod;
    readonly container: Container;
    readonly allocatable: ResourceAmounts;
  },
): Promise<string | undefined> {
  const { pod, container, locateImage, allocatable } = options;
  const built = buildEnv({ pod, container, allocatable, nodeIp: "", files: new Map(), services: [] });
  if (built.kind === "problem") return undefined;
  const { env } = built;
  const { image, workingDir } = container;
  const command = (container.command ?? []).map((word) => expandVariables(word, env));
  const { mounts, filled } = selectMounts(pod, container);
  const found = await resolveCommand(system, { image, command, env, workingDir, mounts, locateImage });
  if (found.kind === "found") return undefined;
  const [name] = command;
  const places = name === undefined ? [] : listProgramPlaces({ name, env, workingDir });
  if (places.some((path) => filled.some((dir) => isWithin(trimPath(path), dir)))) return undefined;
  const { reason, message } = describeAbsence(container, found);
  return `a runner here lets it wait with ${reason}: ${message}`;
}

/** What a container sees of this machine, and where it sees what is there only when the pod runs. */
function selectMounts(
  pod: Pod,
  container: Container,
): { readonly mounts: readonly ContainerMount[]; readonly filled: readonly string[] } {
  const mounts: ContainerMount[] = [];
  const filled: string[] = [];
  for (const { name, mountPath, subPath = "", subPathExpr = "" } of container.volumeMounts ?? []) {
    const volume = pod.spec.volumes?.find((candidate) => candidate.name === name);
    const containerPath = trimPath(join("/", mountPath));
    if (volume?.hostPath === undefined || subPathExpr !== "") filled.push(containerPath);
    else {
      const hostPath = join(volume.hostPath.path, subPath);
      mounts.push({ hostPath, containerPath, readOnly: true, propagation: "private" });
    }
  }
  return { mounts, filled };
}
