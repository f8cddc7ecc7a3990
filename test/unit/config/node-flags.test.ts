import { expect, test } from "vitest";
import { readNodeLabels, readTaints } from "../../../src/config/node-flags.ts";
import { parseInitConfig } from "../../../src/config/parse-init-config.ts";

test("labels are pairs with commas between; a key alone has an empty value", () => {
  expect(readNodeLabels("a=b, example.com/c = d ,e,").value).toEqual({ a: "b", "example.com/c": "d", e: "" });
  expect(readNodeLabels("").value).toEqual({});
});

test.each([
  ["rack=7,topology.kubernetes.io/zone=a,x.node.kubernetes.io/y=z,kubelet.kubernetes.io/a=b", []],
  ["node-role.kubernetes.io/worker=", [/may not give itself the label node-role.kubernetes.io\/worker/]],
  ["k8s.io/a=b,my.k8s.io/a=b", [/label k8s.io\/a/, /label my.k8s.io\/a/]],
  ["a b=c", [/"a b" is not a label's key/]],
  ["a=b c,=d", [/"b c" is not a label's value/, /"" is not a label's key/]],
  ["a=b=c", [/"b=c" is not a label's value/]],
])("the labels %s are judged as the kubelet judges them", (text, problems) => {
  expect(readNodeLabels(text).problems).toEqual(problems.map((wanted) => expect.stringMatching(wanted)));
});

test("taints have a key, perhaps a value, and an effect", () => {
  expect(readTaints("a=b:NoSchedule,example.com/c:NoExecute,d=:PreferNoSchedule")).toEqual({
    value: [
      { key: "a", value: "b", effect: "NoSchedule" },
      { key: "example.com/c", effect: "NoExecute" },
      { key: "d", value: "", effect: "PreferNoSchedule" },
    ],
    problems: [],
  });
});

test.each(["a", "a=b", "a:Never", "a=b=c:NoSchedule", ":NoSchedule", "a:NoSchedule:x", "a:"])(
  "%s is no taint",
  (text) => {
    expect(readTaints(text).problems).toEqual([expect.stringContaining("is not a taint")]);
  },
);

test("a taint that is there twice is told once", () => {
  expect(readTaints("a=1:NoSchedule,a=2:NoSchedule,a:NoExecute").problems).toEqual([
    "the taint a:NoSchedule is there twice",
  ]);
});

test("init refuses them with their place, and names the arguments that only a kubelet acts on", () => {
  const parse = (args: string) =>
    parseInitConfig({
      text: `apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nnodeRegistration:\n  kubeletExtraArgs:\n${args}`,
      path: "c.yaml",
    });
  expect(() =>
    parse("  - {name: v, value: '4'}\n  - {name: node-labels, value: node-role.kubernetes.io/x=}\n"),
  ).toThrow(
    expect.objectContaining({
      code: "SLIPWAY_CONFIG_INVALID",
      details: [
        expect.stringMatching(/^c.yaml:6:\d+: nodeRegistration.kubeletExtraArgs\[1\].value: a node may not/),
      ],
    }),
  );
  const { notes } = parse("  - {name: v, value: '4'}\n  - {name: node-labels, value: a=b}\n");
  expect(notes).toEqual(["nodeRegistration.kubeletExtraArgs: only a kubelet (--runtime external) acts on v"]);
});
