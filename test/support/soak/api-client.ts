import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { parse } from "yaml";
import type { TestPlane } from "../plane.ts";

/** A real client of a server of the plane, over kept connections. */
export interface Client {
  /** Rejects when there is no answer: then nobody knows what the server has done. */
  call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: unknown }>;
  close(): void;
}

const TIMEOUT_MS = 5_000;

/** The API server, as the administrator. */
export function openApiClient(plane: TestPlane): Client {
  const config: unknown = parse(readFileSync(plane.path("etc/kubernetes/admin.conf"), "utf8"));
  const { user } = (config as { users: { user: Record<string, string> }[] }).users[0] ?? { user: {} };
  const decode = (name: string): Buffer => Buffer.from(user[name] ?? "", "base64");
  return openClient({
    port: plane.ports.apiServer,
    ca: readFileSync(plane.path("etc/kubernetes/pki/ca.crt")),
    cert: decode("client-certificate-data"),
    key: decode("client-key-data"),
  });
}

/** etcd's own API as JSON, as its health check. */
export function openEtcdClient(plane: TestPlane): Client {
  const read = (name: string): Buffer => readFileSync(plane.path(`etc/kubernetes/pki/etcd/${name}`));
  return openClient({
    port: plane.ports.etcdClient,
    ca: read("ca.crt"),
    cert: read("healthcheck-client.crt"),
    key: read("healthcheck-client.key"),
  });
}

function openClient(server: {
  readonly port: number;
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}): Client {
  const agent = new Agent({ keepAlive: true });
  const call: Client["call"] = (method, path, body) =>
    new Promise((resolve, reject) => {
      const sent = request(
        { ...server, agent, host: "127.0.0.1", method, path, timeout: TIMEOUT_MS },
        async (response) => {
          try {
            let text = "";
            for await (const chunk of response) text += String(chunk);
            resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) });
          } catch (error) {
            reject(error);
          }
        },
      );
      sent.once("timeout", () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
      sent.once("error", reject);
      sent.setHeader("content-type", "application/json");
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  return { call, close: () => agent.destroy() };
}
