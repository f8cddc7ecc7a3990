import type { Container, ContainerStatus, VolumeMount } from "../../pod/types.ts";
import type { RuntimeContainer } from "../../runtime/types.ts";

/** Who containers run as that say nothing else: the runner's own user. */
export interface RunnerUser {
  readonly uid: number;
  readonly gid: number;
}

type ContainerFacts = Pick<ContainerStatus, "resources" | "allocatedResources" | "user" | "volumeMounts">;

/**
 * What a container has been given, for its status. Only one that has a record has resources and a user; without the
 * runner's own user nothing is said of who it is. Source: kubelet_pods.go convertToAPIContainerStatuses.
 */
export function describeContainer(
  container: Container,
  given: { readonly newest: RuntimeContainer | undefined; readonly runnerUser: RunnerUser | undefined },
): ContainerFacts {
  const { volumeMounts = [], resources = {} } = container;
  const { newest, runnerUser } = given;
  return {
    ...(newest === undefined ? {} : { resources }),
    ...(newest === undefined || resources.requests === undefined
      ? {}
      : { allocatedResources: resources.requests }),
    ...(newest === undefined || runnerUser === undefined ? {} : { user: describeUser(newest, runnerUser) }),
    ...(volumeMounts.length === 0 ? {} : { volumeMounts: volumeMounts.map(describeMount) }),
  };
}

function describeUser(
  { spec: { security } }: RuntimeContainer,
  runner: RunnerUser,
): NonNullable<ContainerStatus["user"]> {
  const { user: uid = runner.uid, group: gid = runner.gid, groups = [] } = security ?? {};
  return { linux: { uid, gid, ...(groups.length === 0 ? {} : { supplementalGroups: groups }) } };
}

function describeMount({
  name,
  mountPath,
  readOnly = false,
  recursiveReadOnly = "Disabled",
}: VolumeMount): NonNullable<ContainerStatus["volumeMounts"]>[number] {
  if (!readOnly) return { name, mountPath };
  const mode = recursiveReadOnly === "Disabled" ? "Disabled" : "Enabled";
  return { name, mountPath, readOnly, recursiveReadOnly: mode };
}
