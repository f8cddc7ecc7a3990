import { describe, expect, test } from "vitest";
import { parseInitConfig } from "../../../src/config/parse-init-config.ts";
import type { InitFlags } from "../../../src/config/types.ts";
import { SlipwayError } from "../../../src/core/errors.ts";

const INIT = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n";
const TOKEN = "123456.abcdefabcdef1234";

function tokensOf(fields: string, flags: InitFlags = {}) {
  return parseInitConfig({ text: `${INIT}${fields}`, path: "f.yaml", flags }).config.bootstrapTokens;
}

function errorsOf(fields: string): readonly string[] {
  try {
    tokensOf(fields);
  } catch (error) {
    if (error instanceof SlipwayError) return error.details;
    throw error;
  }
  throw new Error("it was accepted");
}

test("a token of the file keeps its value, and what it does not say has kubeadm's defaults", () => {
  expect(tokensOf(`bootstrapTokens: [{token: ${TOKEN}, ttl: 0s, description: mine}]\n`)).toEqual([
    {
      token: TOKEN,
      description: "mine",
      ttlMs: 0,
      expires: undefined,
      usages: ["signing", "authentication"],
      groups: ["system:bootstrappers:kubeadm:default-node-token"],
    },
  ]);
});

test("the published example token is never made", () => {
  expect(tokensOf("bootstrapTokens: [{token: abcdef.0123456789abcdef}]\n")[0]?.token).toBeUndefined();
});

test("--token and --token-ttl win over the file", () => {
  const [token, ...others] = tokensOf(`bootstrapTokens: [{token: ${TOKEN}}, {}]\n`, {
    token: "aaaaaa.bbbbbbbbbbbbbbbb",
    tokenTtl: "90m",
  });
  expect(token).toMatchObject({ token: "aaaaaa.bbbbbbbbbbbbbbbb", ttlMs: 5_400_000 });
  expect(others).toEqual([]);
});

describe("a token that cannot be made is refused with its field", () => {
  test.each([
    ["{token: 123456.ABC}", "token", "this is no token"],
    ["{ttl: soon}", "ttl", '"soon" is not a duration'],
    ["{ttl: -1h}", "ttl", '"-1h" is not a duration'],
    ["{expires: soon}", "expires", '"soon" is not a time'],
    ["{expires: 2030-01-02T15:04:05Z, ttl: 1h}", "expires", "only one of them"],
    ["{usages: [sign]}", "usages", '"sign" is not one of signing, authentication'],
    ["{groups: [admins]}", "groups", "does not begin with system:bootstrappers:"],
    ["{usages: [signing]}", "groups", "groups need the usage authentication"],
  ])("%s", (token, field, message) => {
    const lines = errorsOf(`bootstrapTokens: [${token}]\n`);
    const line = lines.find((candidate) => candidate.includes(`bootstrapTokens[0].${field}: `));
    expect(line).toContain(message);
  });
});

test.each(["abc", "zz".repeat(32)])("certificateKey %s is refused and not shown", (key) => {
  const [line = ""] = errorsOf(`certificateKey: "${key}"\n`);
  expect(line).toContain("certificateKey: this is no key of 64 hexadecimal digits");
  expect(line).not.toContain(key);
});
