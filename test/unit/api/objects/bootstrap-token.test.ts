import { expect, test } from "vitest";
import {
  buildTokenSecret,
  generateToken,
  parseTokenSecret,
  readTokenId,
} from "../../../../src/api/objects/bootstrap-token.ts";
import { TOKEN_DEFAULTS } from "../../../../src/config/bootstrap-tokens.ts";

const NOW_MS = Date.parse("2026-11-22T10:00:00.700Z");
const SETTINGS = { ...TOKEN_DEFAULTS, expires: undefined };
const TOKEN = "abcdef.0123456789abcdeg";

test("a token has 6 and 16 characters, and bytes that would favour some are not used", () => {
  let calls = 0;
  const bytes = (count: number): Buffer => Buffer.alloc(count, calls++ === 0 ? 255 : 37);
  expect(generateToken({ bytes })).toBe("111111.1111111111111111");
  expect(calls).toBe(2);
});

test("a token's Secret is read back as the token", () => {
  const secret = buildTokenSecret(TOKEN, { settings: SETTINGS, nowMs: NOW_MS });
  expect(secret).toMatchObject({
    type: "bootstrap.kubernetes.io/token",
    metadata: { name: "bootstrap-token-abcdef" },
  });
  expect(parseTokenSecret(secret)).toEqual({
    id: "abcdef",
    token: TOKEN,
    description: SETTINGS.description,
    expires: "2026-11-23T10:00:00Z",
    usages: ["authentication", "signing"],
    groups: SETTINGS.groups,
  });
});

test("a token that never ends has no expiration, and its own moment wins over a period", () => {
  const read = (changes: Partial<typeof SETTINGS | { ttlMs: number; expires: string }>) =>
    parseTokenSecret(buildTokenSecret(TOKEN, { settings: { ...SETTINGS, ...changes }, nowMs: NOW_MS }))
      ?.expires;
  expect(read({ ttlMs: 0 })).toBeUndefined();
  expect(read({ ttlMs: 0, expires: "2030-01-02T03:04:05+02:00" })).toBe("2030-01-02T01:04:05Z");
});

test("a Secret whose name is not its token's holds no token", () => {
  const secret = buildTokenSecret(TOKEN, { settings: SETTINGS, nowMs: NOW_MS });
  expect(parseTokenSecret({ ...secret, metadata: { name: "bootstrap-token-zzzzzz" } })).toBeUndefined();
  expect(parseTokenSecret({ metadata: { name: "x" } })).toBeUndefined();
});

test.each([
  [TOKEN, "abcdef"],
  ["abcdef", "abcdef"],
  ["abcde", undefined],
  ["ABCDEF", undefined],
  ["../../x", undefined],
])("the id of %s is %s", (text, id) => {
  expect(readTokenId(text)).toBe(id);
});
