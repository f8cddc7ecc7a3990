import { expect, test } from "vitest";
import { formatExpiration } from "../../../../src/cli/format/format-certs.ts";

const CERTIFICATE = {
  name: "apiserver-kubelet-client",
  expirationDate: "2027-11-29T16:47:52Z",
  residualTime: 31_500_000,
  externallyManaged: false,
  caName: "front-proxy-ca",
};

test("certificates fit 80 columns where no CA is external", () => {
  const answer = {
    apiVersion: "output.kubeadm.k8s.io/v1alpha3",
    kind: "CertificateExpirationInfo",
    certificates: [CERTIFICATE],
    certificateAuthorities: [{ ...CERTIFICATE, name: "ca" }],
  } as const;
  const lines = formatExpiration(answer, { columns: 80 }).split("\n");
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(formatExpiration(answer)).toContain("EXTERNALLY MANAGED");
  const external = { ...answer, certificates: [{ ...CERTIFICATE, externallyManaged: true }] };
  expect(formatExpiration(external, { columns: 80 })).toContain("EXTERNALLY MANAGED");
});
