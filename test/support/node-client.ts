import { spawn } from "node:child_process";
import { execa } from "execa";
import type { NetworkHost } from "./network-hosts.ts";
import { type Outcome, succeed, type TestPlane } from "./plane.ts";

/** For a file of tests: an administrator on the host of a plane, and the static pod web-node-a as the API shows it. */
export function createNodeClient(place: {
  readonly plane: () => TestPlane;
  readonly host: () => NetworkHost;
  readonly kubectlPath: () => string;
}) {
  const environment = () => ({
    KUBECONFIG: place.plane().path("etc/kubernetes/admin.conf"),
    KUBECACHEDIR: `${place.plane().dir}.cache`,
  });
  const enter = (...words: readonly string[]): readonly [program: string, ...rest: string[]] => {
    const [program = "", ...rest] = [...place.host().enter, ...words];
    return [program, ...rest];
  };
  const kubectl = async (args: readonly string[], input = "", timeoutMs?: number): Promise<Outcome> => {
    const [program, ...rest] = enter(place.kubectlPath(), ...args);
    const { exitCode, stdout, stderr } = await execa(program, rest, {
      reject: false,
      input,
      env: environment(),
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    });
    return { exitCode, stdout, stderr };
  };
  return {
    /** kubectl, ended after `timeoutMs` when that is given. */
    kubectl,
    /** Begins kubectl, to be killed. */
    begin: (...args: readonly string[]) => {
      const [program, ...rest] = enter(place.kubectlPath(), ...args);
      const env = { ...process.env, ...environment() };
      return spawn(program, rest, { env, stdio: ["ignore", "pipe", "ignore"] });
    },
    /** What kubectl prints in a terminal of 31 rows and 97 columns, where the shell command `typist` types. */
    kubectlInTerminal: async (
      args: string,
      {
        typist,
        ...options
      }: { readonly typist: string; readonly reject?: boolean; readonly timeout?: number },
    ): Promise<string> => {
      const terminal = `script -qec 'stty rows 31 cols 97; ${place.kubectlPath()} ${args}' /dev/null`;
      const line = `(${typist}) | ${enter(terminal).join(" ")}`;
      return (await execa("sh", ["-c", line], { env: environment(), ...options })).stdout;
    },
    /** What a program of JavaScript prints on the host. */
    runScript: async (script: string, env: Readonly<Record<string, string>> = {}): Promise<string> => {
      const [program, ...rest] = enter(process.execPath, "--input-type=module", "-e", script);
      return (await execa(program, rest, { env })).stdout;
    },
    fieldOf: async (path: string): Promise<string> =>
      (await kubectl(["get", "pod", "web-node-a", "-o", `jsonpath=${path}`])).stdout,
    phaseOf: async (name: string): Promise<string> =>
      (await kubectl(["get", "pod", name, "-o", "jsonpath={.status.phase}"])).stdout,
    /** Tells one start of the pod's container from another: its process, as the runner says. */
    startOf: async (): Promise<unknown> => {
      const { items } = JSON.parse(succeed(await place.plane().slipway("ps", "-o", "json")));
      const found = items.find(
        (item: { pod: { metadata: { name: string } } }) => item.pod.metadata.name === "web-node-a",
      );
      return found.containers[0].pid;
    },
  };
}
