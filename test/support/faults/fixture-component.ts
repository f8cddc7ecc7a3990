import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { basename } from "node:path";
import { startFakeApiServer } from "../fake-api-server.ts";

/**
 * A stand-in for a control plane component, for tests of what happens around components: it starts in a twentieth of
 * the time, takes the same flags, listens on the same ports with the same certificates, and answers health. The API
 * server keeps objects in memory. Run as `node component.mjs NAME --flag=value …`.
 */
const [name = "", ...words] = process.argv.slice(2);
const flags = new Map(
  words.map((word) => {
    const [, key = "", value = ""] = /^--([^=]+)=?(.*)$/s.exec(word) ?? [];
    return [key, value] as const;
  }),
);
const flag = (key: string): string => flags.get(key) ?? "";
const read = (key: string): string => readFileSync(flag(key), "utf8");

let hasLeft = false;

switch (name) {
  case "etcd":
    for (const url of [flag("listen-client-urls"), flag("listen-peer-urls")].flatMap((urls) =>
      urls.split(","),
    ))
      answerHealth(new URL(url), { cert: read("cert-file"), key: read("key-file") }, answerMember);
    answerHealth(new URL(flag("listen-metrics-urls")));
    break;
  case "kube-apiserver": {
    const tls = { cert: read("tls-cert-file"), key: read("tls-private-key-file") };
    const server = await startFakeApiServer({ port: Number(flag("secure-port")), tls });
    // What a real one makes by itself.
    for (const [path, kind] of [
      ["/api/v1/namespaces/default", "Namespace"],
      ["/api/v1/namespaces/default/services/kubernetes", "Service"],
    ] as const)
      server.put(path, { apiVersion: "v1", kind, metadata: { name: basename(path) } });
    server.intercept = ({ path }) =>
      /^\/(?:livez|readyz|healthz)/.test(path) ? { status: 200, body: "ok" } : undefined;
    break;
  }
  default:
    answerHealth(new URL(`https://127.0.0.1:${flag("secure-port")}`), readClientPair(read("kubeconfig")));
}

function answerHealth(
  url: URL,
  tls?: { readonly cert: string; readonly key: string },
  answer: (path: string) => string = () => "ok",
): void {
  const server = tls === undefined ? createServer() : createSecureServer(tls);
  server.on("request", ({ url: path = "" }, response) => response.end(answer(path)));
  server.listen(Number(url.port), url.hostname);
}

/** etcd's cluster has another member that nobody needs to ask, and that it leaves when it is told. */
function answerMember(path: string): string {
  if (path === "/v3/cluster/member/remove") hasLeft = true;
  if (!path.startsWith("/v3/")) return "ok";
  const members = ["other", ...(hasLeft ? [] : [flag("name")])].map((member) => ({
    ID: member,
    name: member,
  }));
  return JSON.stringify({ members });
}

function readClientPair(kubeconfig: string): { readonly cert: string; readonly key: string } {
  const decode = (field: string): string =>
    Buffer.from(new RegExp(`${field}: (\\S+)`).exec(kubeconfig)?.[1] ?? "", "base64").toString("utf8");
  return { cert: decode("client-certificate-data"), key: decode("client-key-data") };
}
