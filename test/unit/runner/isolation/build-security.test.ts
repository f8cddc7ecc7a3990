import { expect, test } from "vitest";
import { buildSecurity } from "../../../../src/runner/isolation/build-security.ts";
import { buildPod } from "../../../support/build-pod.ts";

const ROOT = { uid: 0, gid: 0 };
const USER = { uid: 1000, gid: 1000 };

function secure(
  contexts: { readonly pod?: object; readonly container?: object },
  runner: { readonly uid: number; readonly gid: number } = ROOT,
) {
  const pod = buildPod({
    spec: { securityContext: contexts.pod ?? {} },
    container: { securityContext: contexts.container ?? {} },
  });
  const [container] = pod.spec.containers;
  if (container === undefined) throw new Error("no container");
  return buildSecurity({ pod, container, ...runner });
}

test("without a security context nothing is set, whoever runs the runner", () => {
  expect(secure({})).toEqual({ kind: "security" });
  expect(secure({}, USER)).toEqual({ kind: "security" });
});

test("a container's fields win over its pod's, and the pod's groups are there once", () => {
  const pod = { runAsUser: 1, runAsGroup: 2, fsGroup: 3, supplementalGroups: [4, 3] };
  expect(secure({ pod, container: { runAsUser: 9 } })).toMatchObject({
    security: { user: 9, group: 2, groups: [3, 4] },
  });
});

test.each([
  ["drop ALL, add one", { drop: ["ALL"], add: ["NET_BIND_SERVICE"] }, ["net_bind_service"]],
  ["CAP_ is no part of a name", { drop: ["all"], add: ["CAP_SYS_TIME"] }, ["sys_time"]],
  ["add ALL but one", { drop: ["NET_RAW"], add: ["ALL"] }, ["all", "-net_raw"]],
])("capabilities: %s", (_title, capabilities, expected) => {
  expect(secure({ container: { capabilities } })).toMatchObject({ security: { capabilities: expected } });
});

test("dropping one leaves a container runtime's other defaults", () => {
  const built = secure({ container: { capabilities: { drop: ["NET_RAW"] } } });
  if (built.kind === "problem") throw new Error(built.message);
  expect(built.security?.capabilities).toHaveLength(13);
  expect(built.security?.capabilities).not.toContain("net_raw");
});

test("a privileged container keeps every capability", () => {
  const container = { privileged: true, capabilities: { drop: ["ALL"] } };
  expect(secure({ container })).toEqual({ kind: "security" });
});

test.each([
  ["root by runAsUser", { runAsNonRoot: true, runAsUser: 0 }, "container's runAsUser breaks non-root policy"],
  ["root by default", { runAsNonRoot: true }, "container has runAsNonRoot and image will run as root"],
])("runAsNonRoot refuses %s in the kubelet's words", (_title, pod, message) => {
  expect(secure({ pod })).toMatchObject({ kind: "problem", message: expect.stringContaining(message) });
});

test("runAsNonRoot holds for an ordinary user's runner, and for a container that overrides its pod", () => {
  expect(secure({ pod: { runAsNonRoot: true } }, USER)).toEqual({ kind: "security" });
  expect(secure({ pod: { runAsNonRoot: true }, container: { runAsNonRoot: false } })).toEqual({
    kind: "security",
  });
});

test.each([
  [{ pod: { runAsUser: 0 } }, "runAsUser 0"],
  [{ pod: { runAsGroup: 5 } }, "runAsGroup 5"],
  [{ pod: { fsGroup: 5 } }, "supplementalGroups and fsGroup"],
  [{ container: { readOnlyRootFilesystem: true } }, "readOnlyRootFilesystem"],
])("an ordinary user's runner says which field needs root: %o", (contexts, field) => {
  expect(secure(contexts, USER)).toMatchObject({
    kind: "problem",
    message: `${field}: this runner is user 1000, and only root's can do it; leave it out, or run the runner as root`,
  });
});

test("an ordinary user's runner can do what it is already, and give up privileges", () => {
  const container = { runAsUser: 1000, allowPrivilegeEscalation: false };
  expect(secure({ container }, USER)).toMatchObject({ security: { noNewPrivileges: true } });
});
