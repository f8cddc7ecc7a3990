import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import type { System } from "../system/system.ts";
import { DEFAULT_PATH } from "./shim.ts";
import type { ImageCheck } from "./types.ts";

/** The program of this machine that stands for an image and a command; or why there is none. */
export type ResolvedCommand =
  | { readonly kind: "found"; readonly program: string; readonly imageId: string }
  | Extract<ImageCheck, { readonly kind: "absent" }>;

/** Gives the path of the local binary that stands for a component's image; undefined for any other image. */
export type LocateImage = (image: string) => Promise<string | undefined>;

/**
 * What runs when this machine is asked for an image. A component's image is its binary, in the place of the first
 * word of the command when that names the component; any other image runs its command from this machine.
 */
export async function resolveCommand(
  system: System,
  options: { readonly image: string; readonly command: readonly string[]; readonly locateImage: LocateImage },
): Promise<ResolvedCommand> {
  const { image, command } = options;
  if (!isImageName(image)) return absent("InvalidImageName", `"${image}" is not a valid image name`);
  const located = await options.locateImage(image);
  const [first] = command;
  if (located !== undefined && (first === undefined || basename(first) === componentOf(image))) {
    return found(system, { image, program: located });
  }
  if (first === undefined) {
    return absent(
      "ErrImagePull",
      `${unavailable(image)} and the container names no command. ${OTHER_RUNTIME}`,
    );
  }
  const program = await findProgram(system, first);
  if (program === undefined) {
    return absent("ErrImagePull", `${unavailable(image)} and it has no program ${first}. ${OTHER_RUNTIME}`);
  }
  return found(system, { image, program });
}

/**
 * Whether a text is an image reference: host and port, path of lower-case names, tag, digest.
 * Source: github.com/distribution/reference regexp.go.
 */
export function isImageName(text: string): boolean {
  return text.length <= 1024 && IMAGE_NAME.test(text);
}

const IMAGE_NAME =
  /^(?:[A-Za-z0-9.-]+(?::\d+)?\/|\[[0-9A-Fa-f:]+\](?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[A-Za-z][\w+.-]*:[0-9A-Fa-f]{32,})?$/;

const OTHER_RUNTIME =
  "A container runtime such as containerd could run it, under a kubelet (init --runtime external).";

function unavailable(image: string): string {
  return `the host runtime pulls no images: this machine has no program for ${image}`;
}

/** `registry.k8s.io/kube-apiserver:v1.37.2` → `kube-apiserver` */
function componentOf(image: string): string {
  return basename(image.replace(/@.*$/, "")).replace(/:.*$/, "");
}

function absent(reason: "ErrImagePull" | "InvalidImageName", message: string): ResolvedCommand {
  return { kind: "absent", reason, message };
}

async function found(
  system: System,
  { image, program }: { readonly image: string; readonly program: string },
): Promise<ResolvedCommand> {
  if (!(await isProgram(system, program))) {
    return absent(
      "ErrImagePull",
      `the program for ${image} cannot be run: ${program} is not there or not executable`,
    );
  }
  const status = await system.fs.stat(program);
  const description = `${program}\n${status?.sizeBytes}\n${status?.modifiedMs}`;
  const imageId = `sha256:${createHash("sha256").update(description).digest("hex")}`;
  return { kind: "found", program, imageId };
}

async function findProgram(system: System, name: string): Promise<string | undefined> {
  const candidates = name.includes("/") ? [name] : DEFAULT_PATH.split(":").map((dir) => join(dir, name));
  for (const candidate of candidates) {
    if (isAbsolute(candidate) && (await isProgram(system, candidate))) return candidate;
  }
  return undefined;
}

async function isProgram(system: System, path: string): Promise<boolean> {
  return (await system.fs.stat(path))?.kind === "file" && (await system.fs.access(path, constants.X_OK));
}
