import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { succeed, type TestPlane } from "../plane.ts";
import { openPki } from "../plane-pki.ts";

export function clockPath(dir: string): string {
  return join(dir, "clock.mjs");
}

/** Where a certificate, or key, of the user's own is put; etcd and kube-apiserver see this directory. */
export function ownPath(of: TestPlane, ending: "crt" | "key"): string {
  return of.path(`etc/kubernetes/pki/etcd/own.${ending}`);
}

/** Before reset, which leaves what is not Slipway's. */
export async function removeOwn(of: TestPlane): Promise<void> {
  for (const ending of ["crt", "key"] as const) await rm(ownPath(of, ending), { force: true });
}

/** A pair like another of the plane's, signed by etcd's CA, but for a change. */
export async function makeOwnPair(
  of: TestPlane,
  like: string,
  change: { readonly nowMs?: number; readonly ipAddresses?: readonly string[] },
): Promise<void> {
  succeed(await of.slipway("init", "phase", "certs", "all", "--config", of.configPath));
  const pki = openPki(of);
  const { certPem: model } = await pki.readPair(like);
  const { certPem, keyPem } = await pki.issueLike(model, { ...change, ca: "etcd/ca" });
  await writeFile(ownPath(of, "crt"), certPem);
  await writeFile(ownPath(of, "key"), keyPem);
}

export async function takePort(port: number): Promise<() => Promise<unknown>> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
  return () => new Promise((done) => server.close(done));
}

/** A flag in the configuration's extraArgs of a component. */
export async function addArg(
  of: TestPlane,
  section: "etcd" | "apiServer" | "controllerManager",
  name: string,
  value: string,
): Promise<undefined> {
  const arg = `    - { name: ${name}, value: "${value}" }\n`;
  await of.editConfig((text) => {
    if (section === "etcd")
      return text.replace("etcd:\n  local:\n    extraArgs:\n", (head) => `${head}${arg}`);
    if (section === "controllerManager")
      return text.replace(
        "controllerManager:\n  extraArgs: [",
        (head) => `${head}{ name: ${name}, value: "${value}" }, `,
      );
    const head = "apiServer:\n  extraArgs:\n";
    return text.includes(head)
      ? text.replace(head, `${head}${arg}`)
      : text.replace("networking:", `${head}${arg}networking:`);
  });
  return undefined;
}

export async function putData(of: TestPlane, make: (path: string) => Promise<void>): Promise<undefined> {
  await mkdir(of.path("var/lib"), { recursive: true });
  await make(of.path("var/lib/etcd"));
  return undefined;
}

/** A patch of the component's container. */
export async function patch(of: TestPlane, component: string, field: string): Promise<undefined> {
  const directory = join(of.dir, "patches");
  await mkdir(directory);
  const text = `spec:\n  containers:\n  - name: ${component}\n    ${field}\n`;
  await writeFile(join(directory, `${component}.yaml`), text);
  await of.editConfig((config) =>
    config.replace("nodeRegistration:", `patches: { directory: ${directory} }\nnodeRegistration:`),
  );
  return undefined;
}

/** etcd's program in its manifest is another one, or one that is not there. */
export async function useProgram(
  of: TestPlane,
  file: { readonly content: string | Buffer; readonly mode: number } | undefined,
): Promise<undefined> {
  const program = join(of.dir, "program");
  if (file !== undefined) {
    await writeFile(program, file.content);
    await chmod(program, file.mode);
  }
  return patch(of, "etcd", `command: [${program}]`);
}
