import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import type { System } from "../system/system.ts";
import { toHostPath } from "./isolation.ts";
import { DEFAULT_PATH } from "./shim.ts";
import type { ImageCheck, ImageUse } from "./types.ts";

/** The program of this machine that stands for an image and a command; or why there is none. */
export type ResolvedCommand =
  | {
      readonly kind: "found";
      /** Its path as the container sees it. */
      readonly program: string;
      readonly imageId: string;
      /** It is the local binary that stands for a component's image. */
      readonly isComponent: boolean;
    }
  | Extract<ImageCheck, { readonly kind: "absent" }>;

/** Gives the path of the local binary that stands for a component's image; undefined for any other image. */
export type LocateImage = (image: string) => Promise<string | undefined>;

/**
 * What runs when this machine is asked for an image. A component's image is its binary, in the place of the first
 * word of the command when that names the component; any other image runs its command from this machine.
 */
export async function resolveCommand(
  system: System,
  options: ImageUse & { readonly locateImage: LocateImage },
): Promise<ResolvedCommand> {
  const { image, command } = options;
  if (!isImageName(image)) return absent("InvalidImageName", `"${image}" is not a valid image name`);
  const located = await options.locateImage(image);
  const [first] = command;
  if (located !== undefined && (first === undefined || basename(first) === componentOf(image))) {
    return found(system, { image, program: located, path: located, isComponent: true });
  }
  if (first === undefined) {
    return absent(
      "ErrImagePull",
      `${unavailable(image)} and the container names no command. ${OTHER_RUNTIME}`,
    );
  }
  const program = await findProgram(system, { ...options, name: first });
  if (program === undefined) {
    return absent(
      "ErrImagePull",
      `${unavailable(image)} and it has no executable program ${first}. ${OTHER_RUNTIME}`,
    );
  }
  return found(system, { image, ...program, isComponent: false });
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
  options: Program & { readonly image: string; readonly isComponent: boolean },
): Promise<ResolvedCommand> {
  const { image, program, path, isComponent } = options;
  if (!(await isProgram(system, path))) {
    return absent(
      "ErrImagePull",
      `the program for ${image} cannot be run: ${path} is not there or not executable`,
    );
  }
  const status = await system.fs.stat(path);
  const description = `${path}\n${status?.sizeBytes}\n${status?.modifiedMs}`;
  const imageId = `sha256:${createHash("sha256").update(description).digest("hex")}`;
  return { kind: "found", program, imageId, isComponent };
}

/** Where a program lies for its container and, through its mounts, on this machine. */
interface Program {
  readonly program: string;
  readonly path: string;
}

/** As a container runtime looks: in the container's own PATH and files. Source: runc libcontainer init_linux.go. */
async function findProgram(
  system: System,
  use: ProgramUse & Pick<ImageUse, "mounts">,
): Promise<Program | undefined> {
  for (const program of listProgramPlaces(use)) {
    const path = toHostPath(use.mounts, program);
    if (await isProgram(system, path)) return { program, path };
  }
  return undefined;
}

/** What a container's program is looked for by. */
type ProgramUse = Pick<ImageUse, "env" | "workingDir"> & { readonly name: string };

/** The paths, as the container sees them, at which the first word of its command is looked for, in this order. */
export function listProgramPlaces({ name, env, workingDir }: ProgramUse): readonly string[] {
  if (isAbsolute(name)) return [name];
  const dirs = name.includes("/") ? [workingDir ?? "/"] : (env?.["PATH"] ?? DEFAULT_PATH).split(":");
  return dirs.map((dir) => join(dir, name)).filter((path) => isAbsolute(path));
}

async function isProgram(system: System, path: string): Promise<boolean> {
  return (await system.fs.stat(path))?.kind === "file" && (await system.fs.access(path, constants.X_OK));
}
