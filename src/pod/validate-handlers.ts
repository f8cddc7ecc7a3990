import { isPortName } from "../core/names.ts";
import { type Loose, numberOf, objectOf, objectsOf, textOf, textsOf } from "./loose.ts";
import { type PodProblem, problem, requireOneOf, requireRange, requireText, unless } from "./pod-problem.ts";

const MAX_INT32 = 2_147_483_647;
const PROBE_KINDS = ["exec", "httpGet", "tcpSocket", "grpc"];
const HOOK_KINDS = ["exec", "httpGet", "tcpSocket", "sleep"];

/** Problems of a container's probes and hooks. Source: validation.go validateProbe, validateLifecycle. */
export function validateHandlers(
  container: Loose,
  place: { readonly path: string; readonly graceSeconds: number },
): readonly PodProblem[] {
  const { path } = place;
  const readiness = container["readinessProbe"];
  return [
    ...validateRestartingProbe(container["livenessProbe"], `${path}.livenessProbe`),
    ...validateProbe(readiness, `${path}.readinessProbe`),
    ...unless(
      objectOf(readiness)["terminationGracePeriodSeconds"] === undefined,
      `${path}.readinessProbe.terminationGracePeriodSeconds`,
      "a readiness probe may not set it, for it ends nothing",
    ),
    ...validateRestartingProbe(container["startupProbe"], `${path}.startupProbe`),
    ...validateLifecycle(objectOf(container["lifecycle"]), place),
  ];
}

function validateLifecycle(
  lifecycle: Loose,
  { path, graceSeconds }: { readonly path: string; readonly graceSeconds: number },
): readonly PodProblem[] {
  return (["postStart", "preStop"] as const).flatMap((name) => {
    const hook = lifecycle[name];
    if (hook === undefined) return [];
    const place = `${path}.lifecycle.${name}`;
    const sleep = numberOf(objectOf(objectOf(hook)["sleep"])["seconds"]);
    return [
      ...validateHandler(objectOf(hook), { path: place, kinds: HOOK_KINDS }),
      ...requireRange(sleep, `${place}.sleep.seconds`, [0, graceSeconds]),
    ];
  });
}

function validateRestartingProbe(probe: unknown, path: string): readonly PodProblem[] {
  const { successThreshold = 1 } = objectOf(probe);
  return [
    ...validateProbe(probe, path),
    ...unless(successThreshold === 1, `${path}.successThreshold`, "it must be 1 here"),
  ];
}

function validateProbe(value: unknown, path: string): readonly PodProblem[] {
  if (value === undefined) return [];
  const probe = objectOf(value);
  const counts = [
    "initialDelaySeconds",
    "periodSeconds",
    "timeoutSeconds",
    "successThreshold",
    "failureThreshold",
  ];
  return [
    ...validateHandler(probe, { path, kinds: PROBE_KINDS }),
    ...counts.flatMap((name) => requireRange(numberOf(probe[name]), `${path}.${name}`, [0, MAX_INT32])),
    ...unless(
      (numberOf(probe["terminationGracePeriodSeconds"]) ?? 1) > 0,
      `${path}.terminationGracePeriodSeconds`,
      "it must be greater than 0",
    ),
  ];
}

function validateHandler(
  handler: Loose,
  place: { readonly path: string; readonly kinds: readonly string[] },
): readonly PodProblem[] {
  const { path, kinds } = place;
  const found = kinds.filter((name) => handler[name] !== undefined);
  if (found.length !== 1) {
    const list = `${kinds.slice(0, -1).join(", ")} and ${kinds.at(-1)}`;
    const state = found.length === 0 ? "none is set" : `${found.join(" and ")} are set`;
    return [problem(path, `exactly one of ${list} is needed, but ${state}`)];
  }
  const [kind = ""] = found;
  return validateAction(objectOf(handler[kind]), { kind, path: `${path}.${kind}` });
}

function validateAction(
  action: Loose,
  { kind, path }: { readonly kind: string; readonly path: string },
): readonly PodProblem[] {
  if (kind === "exec")
    return unless(textsOf(action["command"]).length > 0, `${path}.command`, "it is required");
  if (kind === "sleep") return [];
  const { port } = action;
  const isPort = typeof port === "number" ? port >= 1 && port <= 65_535 : isPortName(textOf(port));
  return [
    ...unless(isPort, `${path}.port`, `${String(port)} is neither a port (1 to 65535) nor a port's name`),
    ...(kind === "httpGet" ? validateHttp(action, path) : []),
  ];
}

/** Source: validation.go validateHTTPGetAction; apimachinery validation IsHTTPHeaderName. */
function validateHttp(action: Loose, path: string): readonly PodProblem[] {
  return [
    ...requireOneOf(textOf(action["scheme"]), `${path}.scheme`, ["HTTP", "HTTPS"]),
    ...requireText(textOf(action["path"]), `${path}.path`),
    ...objectsOf(action["httpHeaders"]).flatMap((header, index) => {
      const isName = /^[-A-Za-z0-9]+$/.test(textOf(header["name"]));
      return unless(
        isName,
        `${path}.httpHeaders[${index}].name`,
        "it may hold letters, digits and dashes only",
      );
    }),
  ];
}
