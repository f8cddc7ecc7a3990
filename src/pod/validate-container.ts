import { isPortName } from "../core/names.ts";
import { type Loose, numberOf, objectOf, objectsOf, textOf } from "./loose.ts";
import {
  type PodProblem,
  repeated,
  requireDnsLabel,
  requireOneOf,
  requireRange,
  requireText,
  unless,
} from "./pod-problem.ts";
import { validateEnv } from "./validate-env.ts";
import { validateHandlers } from "./validate-handlers.ts";
import { validateMounts } from "./validate-mounts.ts";
import { validateResources } from "./validate-resources.ts";
import { validateSecurityContext } from "./validate-security.ts";

const PORTS = [1, 65_535] as const;
const RESTART_POLICIES = ["Always", "OnFailure", "Never"];

/** Problems of the containers of a pod, each and together. Source: validation.go validateContainers. */
export function validateContainers(spec: Loose): readonly PodProblem[] {
  const init = objectsOf(spec["initContainers"]).map((container, index) => ({
    container,
    path: `spec.initContainers[${index}]`,
  }));
  const regular = objectsOf(spec["containers"]).map((container, index) => ({
    container,
    path: `spec.containers[${index}]`,
  }));
  const all = [...init, ...regular];
  return [
    ...unless(regular.length > 0, "spec.containers", "at least one is needed"),
    ...repeated(all.map(({ container }) => textOf(container["name"]))).map(([index, name]) => ({
      path: `${all[index]?.path}.name`,
      message: `the name ${name} is used twice`,
    })),
    ...all.flatMap(({ container, path }) => validateContainer(container, { path, spec })),
    ...init.flatMap(({ container, path }) => [
      ...validateInit(container, { path, spec }),
      ...validateHostPorts([{ container, path }]),
    ]),
    ...regular.flatMap(({ container, path }) =>
      validateHandlers(container, { path, graceSeconds: graceOf(spec) }),
    ),
    ...regular.flatMap(({ container, path }) => validateHostNetworkPorts(container, { path, spec })),
    ...validateHostPorts(regular),
  ];
}

interface Place {
  readonly path: string;
  readonly spec: Loose;
}

/** Source: validation.go validateContainerCommon. */
function validateContainer(container: Loose, { path, spec }: Place): readonly PodProblem[] {
  const image = textOf(container["image"]);
  const volumes = objectsOf(spec["volumes"]);
  const hostUsers = spec["hostUsers"] !== false;
  const choice = (name: string, known: readonly string[]): readonly PodProblem[] =>
    requireOneOf(textOf(container[name]), `${path}.${name}`, known);
  return [
    ...requireDnsLabel(textOf(container["name"]), `${path}.name`),
    ...requireText(image, `${path}.image`),
    ...unless(image === image.trim(), `${path}.image`, "it may not start or end with a blank"),
    ...choice("imagePullPolicy", ["Always", "IfNotPresent", "Never"]),
    ...choice("terminationMessagePolicy", ["File", "FallbackToLogsOnError"]),
    ...validatePorts(container, path),
    ...validateEnv(container, { path, volumes }),
    ...validateMounts(container, { path, volumes }),
    ...validateResources(objectOf(container["resources"]), `${path}.resources`),
    ...validateResizePolicy(container, { path, spec }),
    ...validateSecurityContext(objectOf(container["securityContext"]), {
      path: `${path}.securityContext`,
      hostUsers,
    }),
    ...validateRestart(container, path),
    ...validateStopSignal(container, { path, spec }),
  ];
}

/** An init container that ends has no probes and no hooks; one that stays (a sidecar) may have them. */
function validateInit(container: Loose, { path, spec }: Place): readonly PodProblem[] {
  if (container["restartPolicy"] === "Always") {
    return validateHandlers(container, { path, graceSeconds: graceOf(spec) });
  }
  return ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle"].flatMap((field) =>
    unless(
      container[field] === undefined,
      `${path}.${field}`,
      "an init container without restartPolicy Always may not have it",
    ),
  );
}

/** Source: validation.go validateContainerPorts. */
function validatePorts(container: Loose, parent: string): readonly PodProblem[] {
  const ports = objectsOf(container["ports"]);
  const names = ports.map((port) => textOf(port["name"]));
  return ports.flatMap((port, index) => {
    const path = `${parent}.ports[${index}]`;
    const name = names[index] ?? "";
    return [
      ...unless(
        name === "" || isPortName(name),
        `${path}.name`,
        `${JSON.stringify(name)} is not a port's name`,
      ),
      ...unless(name === "" || names.indexOf(name) === index, `${path}.name`, `${name} is used twice`),
      ...requireRange(numberOf(port["containerPort"]), `${path}.containerPort`, PORTS),
      ...requireRange(numberOf(port["hostPort"]), `${path}.hostPort`, PORTS),
      ...requireOneOf(textOf(port["protocol"]), `${path}.protocol`, ["TCP", "UDP", "SCTP"]),
    ];
  });
}

/** Source: validation.go validatePodHostNetworkDeps: of regular containers only. */
function validateHostNetworkPorts(container: Loose, { path, spec }: Place): readonly PodProblem[] {
  if (spec["hostNetwork"] !== true) return [];
  return objectsOf(container["ports"]).flatMap((port, index) =>
    unless(
      port["hostPort"] === port["containerPort"],
      `${path}.ports[${index}].hostPort`,
      "it must equal containerPort with hostNetwork: true",
    ),
  );
}

function validateHostPorts(
  containers: readonly { readonly container: Loose; readonly path: string }[],
): readonly PodProblem[] {
  const used = containers.flatMap(({ container, path }) =>
    objectsOf(container["ports"])
      .map((port, index) => ({ port, path: `${path}.ports[${index}].hostPort` }))
      .filter(({ port }) => numberOf(port["hostPort"]) !== undefined),
  );
  const keys = used.map(
    ({ port }) => `${textOf(port["protocol"])} ${textOf(port["hostIP"])} ${String(port["hostPort"])}`,
  );
  return repeated(keys).map(([index, key]) => ({
    path: used[index]?.path ?? "spec.containers",
    message: `the host port ${key.replace("  ", " ")} is used twice`,
  }));
}

/** Source: validation.go validateContainerRestartPolicy, validateInitContainerRestartPolicy. */
function validateRestart(container: Loose, path: string): readonly PodProblem[] {
  const rules = objectsOf(container["restartPolicyRules"]);
  const policy = container["restartPolicy"];
  return [
    ...(policy === undefined ? [] : requireOneOf(textOf(policy), `${path}.restartPolicy`, RESTART_POLICIES)),
    ...unless(rules.length <= 20, `${path}.restartPolicyRules`, "at most 20 are allowed"),
    ...unless(
      rules.length === 0 || policy !== undefined,
      `${path}.restartPolicy`,
      "restartPolicyRules need it",
    ),
    ...rules.flatMap((rule, index) => {
      const own = `${path}.restartPolicyRules[${index}]`;
      const action = requireOneOf(textOf(rule["action"]), `${own}.action`, [
        "Restart",
        "RestartAllContainers",
      ]);
      if (rule["exitCodes"] === undefined)
        return [...action, { path: `${own}.exitCodes`, message: "it is required" }];
      const { operator, values } = objectOf(rule["exitCodes"]);
      const count = Array.isArray(values) ? values.length : 0;
      return [
        ...action,
        ...requireOneOf(textOf(operator), `${own}.exitCodes.operator`, ["In", "NotIn"]),
        ...unless(count <= 255, `${own}.exitCodes.values`, "at most 255 are allowed"),
      ];
    }),
  ];
}

/** Source: validation.go validateResizePolicy, validateInitContainers. */
function validateResizePolicy(container: Loose, { path, spec }: Place): readonly PodProblem[] {
  const entries = objectsOf(container["resizePolicy"]);
  const names = entries.map((entry) => textOf(entry["resourceName"]));
  const mustStay =
    spec["restartPolicy"] === "Never" ||
    (path.includes("initContainers") && container["restartPolicy"] !== "Always");
  return entries.flatMap((entry, index) => {
    const own = `${path}.resizePolicy[${index}]`;
    const policy = textOf(entry["restartPolicy"]);
    return [
      ...requireOneOf(names[index] ?? "", `${own}.resourceName`, ["cpu", "memory"]),
      ...unless(names.indexOf(names[index] ?? "") === index, `${own}.resourceName`, "it is named twice"),
      ...requireOneOf(policy, `${own}.restartPolicy`, ["NotRequired", "RestartContainer"]),
      ...unless(
        !mustStay || policy !== "RestartContainer",
        `${own}.restartPolicy`,
        "it must be NotRequired here",
      ),
    ];
  });
}

/** Source: validation.go validateStopSignal, supportedStopSignalsLinux. */
function validateStopSignal(container: Loose, { path, spec }: Place): readonly PodProblem[] {
  const { stopSignal } = objectOf(container["lifecycle"]);
  if (stopSignal === undefined) return [];
  const own = `${path}.lifecycle.stopSignal`;
  if (spec["os"] === undefined) return [{ path: own, message: "it needs spec.os.name" }];
  return unless(SIGNAL.test(textOf(stopSignal)), own, `${JSON.stringify(stopSignal)} is not a signal`);
}

const SIGNAL =
  /^SIG(ABRT|ALRM|BUS|CHLD|CLD|CONT|FPE|HUP|ILL|INT|IO|IOT|KILL|PIPE|POLL|PROF|PWR|QUIT|SEGV|STKFLT|STOP|SYS|TERM|TRAP|TSTP|TTIN|TTOU|URG|USR1|USR2|VTALRM|WINCH|XCPU|XFSZ|RTMIN|RTMIN\+([1-9]|1[0-5])|RTMAX-([1-9]|1[0-4])|RTMAX)$/;

function graceOf(spec: Loose): number {
  return numberOf(spec["terminationGracePeriodSeconds"]) ?? 0;
}
