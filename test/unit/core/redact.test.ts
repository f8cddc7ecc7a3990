import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { redactSecrets, redactUrl } from "../../../src/core/redact.ts";

const KEY = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
}).privateKey;

test("the body of a private key is hidden, and what stands around it stays", () => {
  expect(redactSecrets(`before\n${KEY}after`)).toBe(
    "before\n-----BEGIN PRIVATE KEY-----<hidden>-----END PRIVATE KEY-----\nafter",
  );
});

test("a private key that is cut off is hidden to the end of the text", () => {
  expect(redactSecrets(KEY.slice(0, 100))).toBe(
    "-----BEGIN PRIVATE KEY-----<hidden>-----END PRIVATE KEY-----",
  );
});

test("two keys are hidden one by one", () => {
  const text = redactSecrets(`${KEY}between\n${KEY}`);
  expect(text).toContain("between");
  expect(text.match(/<hidden>/g)).toHaveLength(2);
});

test("a certificate is no secret", () => {
  const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  expect(redactSecrets(pem)).toBe(pem);
});

test.each([
  ["abcdef.0123456789abcdef", "abcdef.<hidden>"],
  ["Authorization: Bearer abcdefgh12345678", "Authorization: Bearer <hidden>"],
  ["Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic <hidden>"],
  ["client-key-data: LS0tLS1CRUdJTg==", "client-key-data: <hidden>"],
  ["token: 'abc'", "token: '<hidden>'"],
  ['{"password":"p4ss","user":"me"}', '{"password":"<hidden>","user":"me"}'],
  ["eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", "<hidden>"],
])("%s becomes %s", (text, hidden) => {
  expect(redactSecrets(text)).toBe(hidden);
});

test.each(["basic authentication", "the token is missing", "kube-apiserver v1.37.2 on 10.0.0.1:6443"])(
  "%s stays as it is",
  (text) => {
    expect(redactSecrets(text)).toBe(text);
  },
);

test("JSON stays JSON, and hiding twice is hiding once", () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9+/=]{1,40}$/);
  fc.assert(
    fc.property(secret, (token) => {
      const once = redactSecrets(JSON.stringify({ message: "m", token, after: 1 }));
      expect(JSON.parse(once)).toEqual({ message: "m", token: "<hidden>", after: 1 });
      expect(redactSecrets(once)).toBe(once);
    }),
  );
});

test("a password in a URL is hidden, and nothing else of it", () => {
  expect(redactUrl("http://me:pass@pods.example/a?b=c")).toBe("http://me:xxxxx@pods.example/a?b=c");
  expect(["http://pods.example/a", "no url"].map(redactUrl)).toEqual(["http://pods.example/a", "no url"]);
});

test("a password within a URL is hidden, and nothing else of it", () => {
  expect(redactSecrets("DB=postgres://u:hunter5@db/x, http://a:80/b@c")).toBe(
    "DB=postgres://u:<hidden>@db/x, http://a:80/b@c",
  );
});
