import { expect, test } from "vitest";
import { formatExpiration } from "../../../../src/cli/format/format-certs.ts";
import { runCheckExpiration } from "../../../../src/commands/certs/check-expiration.ts";
import { parseInitConfig } from "../../../../src/config/parse-init-config.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

test("a certificate that cannot be read keeps none of the others from being told", async () => {
  const { cluster } = parseInitConfig({ text: undefined }).config;
  const rootDir = createTempTree({ "etc/kubernetes/pki/apiserver.crt": "junk" });
  const answer = await runCheckExpiration(createFakeSystem({ rootDir }), { root: "/", cluster });

  const [broken] = answer.certificates.filter(({ name }) => name === "apiserver");
  expect(broken?.unreadable).toContain("no PEM certificate");
  expect(answer.certificates.length).toBeGreaterThan(8);
  expect(formatExpiration(answer)).toMatch(/^!UNREADABLE! apiserver /m);
});
