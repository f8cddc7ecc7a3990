import { type Loose, objectOf, objectsOf, textOf, textsOf } from "./loose.ts";
import { type PodProblem, requireOneOf, requireRelative, requireText, unless } from "./pod-problem.ts";

const PROPAGATIONS = ["None", "HostToContainer", "Bidirectional"];
const RECURSIVE = ["Disabled", "IfPossible", "Enabled"];
const BIND_OPTIONS = ["noexec", "nodev", "nosuid"];

/** Problems of a container's mounts and devices. Source: validation.go ValidateVolumeMounts, ValidateVolumeDevices. */
export function validateMounts(
  container: Loose,
  place: { readonly path: string; readonly volumes: readonly Loose[] },
): readonly PodProblem[] {
  const { path, volumes } = place;
  const mounts = objectsOf(container["volumeMounts"]);
  const isPrivileged = objectOf(container["securityContext"])["privileged"] === true;
  return [
    ...mounts.flatMap((mount, index) => {
      const own = `${path}.volumeMounts[${index}]`;
      const { name, mountPath } = mount;
      const isFirst = mounts.findIndex((other) => other["mountPath"] === mountPath) === index;
      const isKnown = volumes.some((volume) => volume["name"] === name);
      return [
        ...unless(isKnown, `${own}.name`, `there is no volume ${JSON.stringify(name)}`),
        ...requireText(textOf(mountPath), `${own}.mountPath`),
        ...unless(isFirst, `${own}.mountPath`, `${textOf(mountPath)} is mounted on twice`),
        ...validateMount(mount, { path: own, isPrivileged }),
      ];
    }),
    ...objectsOf(container["volumeDevices"]).flatMap((_device, index) =>
      unless(
        false,
        `${path}.volumeDevices[${index}]`,
        "a device needs a persistent volume claim, which is the API's",
      ),
    ),
  ];
}

function validateMount(
  mount: Loose,
  { path, isPrivileged }: { readonly path: string; readonly isPrivileged: boolean },
): readonly PodProblem[] {
  const { mountPropagation: propagation, recursiveReadOnly: recursive } = mount;
  const subPath = textOf(mount["subPath"]);
  const expression = textOf(mount["subPathExpr"]);
  const isStrict = recursive !== undefined && recursive !== "Disabled";
  return [
    ...requireRelative(subPath, `${path}.subPath`),
    ...requireRelative(expression, `${path}.subPathExpr`),
    ...unless(subPath === "" || expression === "", path, "only one of subPath and subPathExpr may be set"),
    ...(propagation === undefined
      ? []
      : requireOneOf(textOf(propagation), `${path}.mountPropagation`, PROPAGATIONS)),
    ...unless(
      propagation !== "Bidirectional" || isPrivileged,
      `${path}.mountPropagation`,
      "Bidirectional needs a privileged container",
    ),
    ...(recursive === undefined
      ? []
      : requireOneOf(textOf(recursive), `${path}.recursiveReadOnly`, RECURSIVE)),
    ...unless(
      !isStrict || mount["readOnly"] === true,
      `${path}.recursiveReadOnly`,
      "it needs readOnly: true",
    ),
    ...unless(
      !isStrict || propagation === undefined || propagation === "None",
      `${path}.recursiveReadOnly`,
      "it does not go with mountPropagation",
    ),
    ...validateBindOptions(textsOf(mount["bindMountOptions"]), `${path}.bindMountOptions`),
  ];
}

function validateBindOptions(options: readonly string[], path: string): readonly PodProblem[] {
  return options.flatMap((option, index) => [
    ...requireOneOf(option, `${path}[${index}]`, BIND_OPTIONS),
    ...unless(options.indexOf(option) === index, `${path}[${index}]`, "it is named twice"),
  ]);
}
