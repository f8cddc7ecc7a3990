import { createDecipheriv } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createApiClient } from "../../../../src/api/create-api-client.ts";
import { parseTokenSecret } from "../../../../src/api/objects/bootstrap-token.ts";
import type { ApiClient } from "../../../../src/api/types.ts";
import type { ApplyContext, StepOf } from "../../../../src/apply/step-handler.ts";
import { bootstrapTokenHandler } from "../../../../src/apply/steps/bootstrap-token.ts";
import { uploadCertsHandler } from "../../../../src/apply/steps/upload-certs.ts";
import { TOKEN_DEFAULTS } from "../../../../src/config/bootstrap-tokens.ts";
import { createNet } from "../../../../src/system/net.ts";
import { sampleApplyContext } from "../../../support/apply-context.ts";
import { type FakeApiServer, startFakeApiServer } from "../../../support/fake-api-server.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const SECRETS = "/api/v1/namespaces/kube-system/secrets";
const KEY = "0123456789abcdef".repeat(4);
const TOKEN_STEP: StepOf<"bootstrap-token"> = {
  kind: "bootstrap-token",
  id: "token/0",
  phase: "bootstrap-token",
  title: "",
  needs: [],
  index: 0,
  settings: { ...TOKEN_DEFAULTS, expires: undefined },
  kubeconfigPath: "admin.conf",
  timeoutMs: 1000,
};

const system = { ...createFakeSystem(), net: createNet() };
let server: FakeApiServer;
let client: ApiClient;
let tokens: string[];

beforeEach(async () => {
  server = await startFakeApiServer();
  client = createApiClient(system, { credentials: server.credentials });
  tokens = [];
});
afterEach(async () => {
  client.close();
  await server.stop();
});

function contextWith(secrets: Partial<ApplyContext["secrets"]> = {}): ApplyContext {
  return sampleApplyContext("/", {
    apiClient: async () => client,
    secrets: { tokens: [undefined], certificateKey: KEY, ...secrets },
    onToken: (token) => void tokens.push(token),
  });
}

/** The fake lists no Secrets of itself. */
function listSecrets(): void {
  server.intercept = ({ method, path }) => {
    if (method !== "GET" || !path.includes("fieldSelector")) return undefined;
    const made = server.requests.filter((request) => request.method === "POST").map(({ body }) => body);
    return { status: 200, body: { items: made } };
  };
}

test("a random token is made once, and serves again while half of its time is left", async () => {
  listSecrets();
  const apply = () => bootstrapTokenHandler.apply(system, { step: TOKEN_STEP, context: contextWith() });
  expect(await apply()).toBeUndefined();
  expect(await apply()).toBe("unchanged");
  expect(tokens[1]).toBe(tokens[0]);
  expect(server.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
});

test("a token of another use does not serve", async () => {
  listSecrets();
  const step = { ...TOKEN_STEP, settings: { ...TOKEN_STEP.settings, ttlMs: 10 * TOKEN_DEFAULTS.ttlMs } };
  await bootstrapTokenHandler.apply(system, { step: TOKEN_STEP, context: contextWith() });
  await bootstrapTokenHandler.apply(system, { step, context: contextWith() });
  expect(server.requests.filter(({ method }) => method === "POST")).toHaveLength(2);
});

test("a token with a value of its own is made as it is", async () => {
  const token = "abcdef.0123456789abcdeg";
  await bootstrapTokenHandler.apply(system, { step: TOKEN_STEP, context: contextWith({ tokens: [token] }) });
  expect(tokens).toEqual([token]);
  expect(parseTokenSecret(server.get(`${SECRETS}/bootstrap-token-abcdef`))?.token).toBe(token);
});

test("the shared files are uploaded encrypted, and belong to a token of two hours", async () => {
  const dir = createTempTree({ "ca.crt": "the certificate" });
  const step: StepOf<"upload-certs"> = {
    ...TOKEN_STEP,
    kind: "upload-certs",
    files: ["ca.crt", "ca.key"].map((name) => ({ name, path: join(dir, name) })),
  };
  await uploadCertsHandler.apply(system, { step, context: contextWith() });
  const secret = server.get(`${SECRETS}/kubeadm-certs`);
  const data = secret?.["data"] as Readonly<Record<string, string>>;
  expect(data["ca.key"]).toBe("");
  expect(decrypt(Buffer.from(data["ca.crt"] ?? "", "base64"))).toBe("the certificate");
  const owner = secret?.metadata.ownerReferences?.[0]?.["name"];
  const token = parseTokenSecret(server.get(`${SECRETS}/${String(owner)}`));
  expect(token).toMatchObject({ usages: [], groups: [] });
  expect(JSON.stringify(server.requests)).not.toContain(KEY);
});

function decrypt(data: Buffer): string {
  const decipher = createDecipheriv("aes-256-gcm", Buffer.from(KEY, "hex"), data.subarray(0, 12));
  decipher.setAuthTag(data.subarray(-16));
  return Buffer.concat([decipher.update(data.subarray(12, -16)), decipher.final()]).toString();
}
