import type { ComponentFields } from "./component-document.ts";
import type { FieldFinding } from "./findings.ts";
import type { InitDocument } from "./schema.ts";

/** Which ports are none. Zero means not set, except that it switches the kubelet's health port off. */
export function checkPorts(documents: {
  readonly init: InitDocument;
  readonly kubelet: ComponentFields;
}): readonly FieldFinding[] {
  const { init, kubelet } = documents;
  const ports = [
    {
      kind: "InitConfiguration",
      path: ["localAPIEndpoint", "bindPort"],
      port: init.localAPIEndpoint?.bindPort,
    },
    { kind: "KubeletConfiguration", path: ["port"], port: kubelet["port"] },
    { kind: "KubeletConfiguration", path: ["healthzPort"], port: kubelet["healthzPort"] },
  ] as const;
  return ports.flatMap(({ kind, path, port }) =>
    typeof port !== "number" || (port >= 0 && port <= 65_535)
      ? []
      : [{ kind, path, message: `${port} is not a port; ports are 1 to 65535` }],
  );
}
