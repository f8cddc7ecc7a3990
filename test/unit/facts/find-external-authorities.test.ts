import { expect, test } from "vitest";
import { createFactReader } from "../../../src/facts/fact-reader.ts";
import { findExternalAuthorities } from "../../../src/facts/find-external-authorities.ts";
import { createFakeSystem, systemError } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

test("a CA is another's when its certificate is there without its key", async () => {
  const dir = createTempTree({
    "ca.crt": "",
    "front-proxy-ca.crt": "",
    "front-proxy-ca.key": "",
    "etcd/ca.key": "",
  });
  const reader = createFactReader();
  expect(await findExternalAuthorities(createFakeSystem(), { certificatesDir: dir, reader })).toEqual(["ca"]);
  expect(reader.unknown()).toEqual([]);
});

test("a directory that this user may not look into is told, and no CA is taken for another's", async () => {
  const dir = createTempTree({ "ca.crt": "" });
  const reader = createFactReader();
  const lstat = () => Promise.reject(systemError("EACCES"));
  const system = createFakeSystem({ fs: { lstat } });
  expect(await findExternalAuthorities(system, { certificatesDir: dir, reader })).toEqual([]);
  expect(reader.unknown()).toMatchObject([{ fact: "external CAs" }]);
});
