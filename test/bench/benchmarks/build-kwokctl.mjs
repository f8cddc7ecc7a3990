import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { runCommand } from "../run-command.mjs";

/** The newest release; Go checks it, and what it is made of, against its sum database. */
export const KWOK_VERSION = "v0.8.0";

/** The path of kwokctl in the cache, built there first when it is missing; rejects when Go cannot build it. */
export async function buildKwokctl(tools) {
  const cacheDir = join(tools.programs["kube-apiserver"], "../../../..");
  const path = join(cacheDir, "test-tools", `kwokctl-${KWOK_VERSION}`);
  if (await exists(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  const dir = await mkdtemp(`${path}.`);
  const remove = tools.cleanUp.add(() => rm(dir, { recursive: true, force: true }));
  console.error(`  builds kwokctl ${KWOK_VERSION} …`);
  try {
    await install(tools, dir);
    await rename(join(dir, "kwokctl"), path);
  } finally {
    await remove();
  }
  return path;
}

/** `go install` of a version makes a module of its own for it, as the program's go.mod says. */
function install(tools, dir) {
  const env = [`GOBIN=${dir}`, "GOTOOLCHAIN=local", "GOWORK=off", "CGO_ENABLED=0"];
  const target = `sigs.k8s.io/kwok/cmd/kwokctl@${KWOK_VERSION}`;
  return runCommand(tools, { argv: ["env", ...env, "go", "install", "-trimpath", "-ldflags=-s -w", target] });
}

function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}
