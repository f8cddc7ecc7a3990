import { expect, test } from "vitest";
import { groupWords } from "../../../src/core/group-words.ts";

test.each([
  ["slipway init writes it again", ["slipway init writes", "it", "again"]],
  ["slipway certs renew all mends it", ["slipway certs renew all", "mends", "it"]],
  [
    "Every step: /opt/slipway init --plan --node-name n1",
    ["Every", "step:", "/opt/slipway init --plan --node-name n1"],
  ],
  ["slipway runner start --root /r; pods go on", ["slipway runner start --root /r;", "pods", "go", "on"]],
  [
    "look (dmesg | grep -i 'out of memory'); or not",
    ["look", "(dmesg | grep -i 'out of memory');", "or", "not"],
  ],
  ["or move it: mv /a/x /a/x.bak", ["or", "move", "it:", "mv /a/x /a/x.bak"]],
  ["stop it (kill 99), or another", ["stop", "it", "(kill 99),", "or", "another"]],
  ["etcd's data and the node's name", ["etcd's", "data", "and", "the", "node's", "name"]],
  ["--yes makes them", ["--yes makes", "them"]],
  ["no - for a dash", ["no", "-", "for", "a", "dash"]],
])("a command stays together: %s", (text, groups) => {
  expect(groupWords(text)).toEqual(groups);
});
