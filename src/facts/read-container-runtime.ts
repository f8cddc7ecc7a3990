import { messageOf, systemErrorCode } from "../core/errors.ts";
import { encodeFirstField, frameMessage, unframeMessage } from "../core/grpc-message.ts";
import type { System } from "../system/system.ts";

/** What a container runtime says of itself. */
export type ContainerRuntimeFacts =
  | { readonly kind: "answers"; readonly missingImages: readonly string[] }
  | { readonly kind: "silent"; readonly why: string };

/** A local runtime answers in milliseconds; one that starts may need longer. */
const TIMEOUT_MS = 5000;

/**
 * Asks the runtime at an endpoint such as `unix:///run/containerd/containerd.sock` which of these images it has not.
 * Source: cri-api runtime/v1/api.proto RuntimeService.Version, ImageService.ImageStatus: an image that is not there is
 * an empty answer.
 */
export async function readContainerRuntime(
  system: Pick<System, "net">,
  options: { readonly endpoint: string; readonly images: readonly string[] },
): Promise<ContainerRuntimeFacts> {
  const socketPath = options.endpoint.replace(/^unix:\/\//, "");
  try {
    await call(system, { socketPath, method: "RuntimeService/Version", message: Buffer.alloc(0) });
    const missingImages: string[] = [];
    for (const image of options.images) {
      const message = encodeFirstField(encodeFirstField(Buffer.from(image)));
      const answer = await call(system, { socketPath, method: "ImageService/ImageStatus", message });
      if (answer.length === 0) missingImages.push(image);
    }
    return { kind: "answers", missingImages };
  } catch (error) {
    return { kind: "silent", why: SILENCES[systemErrorCode(error) ?? ""] ?? messageOf(error) };
  }
}

/** In place of a system call's name and number. */
const SILENCES: Readonly<Record<string, string>> = {
  ENOENT: "there is no such socket",
  ECONNREFUSED: "nobody listens there",
};

async function call(
  system: Pick<System, "net">,
  request: { readonly socketPath: string; readonly method: string; readonly message: Uint8Array },
): Promise<Uint8Array> {
  const { headers, body } = await system.net.callHttp2({
    host: "localhost",
    port: 80,
    socketPath: request.socketPath,
    path: `/runtime.v1.${request.method}`,
    headers: { "content-type": "application/grpc", te: "trailers" },
    body: frameMessage(request.message),
    timeoutMs: TIMEOUT_MS,
    signal: new AbortController().signal,
  });
  if (headers["grpc-status"] !== "0")
    throw new Error(
      String(headers["grpc-message"] ?? `it speaks no CRI (HTTP status ${headers[":status"]})`),
    );
  return unframeMessage(body);
}
