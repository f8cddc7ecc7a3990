import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create } from "tar";

/** A container image of some static programs. */
export interface ImageSpec {
  /** `registry.k8s.io/etcd:3.7.0-0` */
  readonly name: string;
  /** Path in the image to path of the program here. */
  readonly programs: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
}

/**
 * Packs an image as an OCI archive that `ctr images import` reads, at this path.
 * Source: OCI image-spec image-layout.md, config.md; containerd pkg annotations: `io.containerd.image.name`.
 */
export async function packImage(spec: ImageSpec, path: string): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "slipway-image-"));
  try {
    const layerPath = join(dir, "layer.tar");
    await packLayer(spec, join(dir, "layer"), layerPath);
    const layout = join(dir, "layout");
    await mkdir(join(layout, "blobs/sha256"), { recursive: true });
    const addBlob = async (bytes: Uint8Array, kind: string) => {
      const hex = createHash("sha256").update(bytes).digest("hex");
      await writeFile(join(layout, "blobs/sha256", hex), bytes);
      return { mediaType: `${TYPES}.${kind}`, digest: `sha256:${hex}`, size: bytes.length };
    };
    const layer = await addBlob(await readFile(layerPath), "layer.v1.tar");
    const config = await addBlob(format(buildConfig(spec, layer.digest)), "config.v1+json");
    const manifest = { schemaVersion: 2, mediaType: `${TYPES}.manifest.v1+json`, config, layers: [layer] };
    const annotations = { "io.containerd.image.name": spec.name };
    const manifests = [{ ...(await addBlob(format(manifest), "manifest.v1+json")), annotations }];
    await writeFile(join(layout, "index.json"), format({ schemaVersion: 2, manifests }));
    await writeFile(join(layout, "oci-layout"), format({ imageLayoutVersion: "1.0.0" }));
    await create({ file: `${path}.new`, cwd: layout }, ["oci-layout", "index.json", "blobs"]);
    await rename(`${path}.new`, path);
  } finally {
    await rm(dir, { recursive: true });
  }
}

const TYPES = "application/vnd.oci.image";

async function packLayer(spec: ImageSpec, dir: string, path: string): Promise<void> {
  for (const [inImage, from] of Object.entries(spec.programs)) {
    await mkdir(dirname(join(dir, inImage)), { recursive: true });
    await copyFile(from, join(dir, inImage));
  }
  await create({ file: path, cwd: dir, portable: true }, ["."]);
}

function buildConfig(spec: ImageSpec, layerDigest: string): unknown {
  return {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: {
      Env: ["PATH=/usr/local/bin:/bin"],
      ...(spec.entrypoint === undefined ? {} : { Entrypoint: spec.entrypoint }),
    },
    rootfs: { type: "layers", diff_ids: [layerDigest] },
  };
}

function format(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
