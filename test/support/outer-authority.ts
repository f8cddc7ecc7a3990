import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatYaml, parseYamlDocuments } from "../../src/core/yaml.ts";

/** What a certificate of a cluster is for; the requests do not say it. */
const USAGES =
  "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth,clientAuth\n";

/** A CA outside of a cluster, made and kept by openssl, as its owner would. */
export interface OuterAuthority {
  readonly certPath: string;
  /** Signs a request; the certificate's path. */
  sign(requestPath: string, certPath: string): void;
}

export function createAuthority(dir: string, name: string): OuterAuthority {
  mkdirSync(dir, { recursive: true });
  const path = (file: string): string => join(dir, file);
  writeFileSync(path("leaf.cnf"), USAGES);
  const run = (...args: readonly string[]): void => void execFileSync("openssl", args, { stdio: "ignore" });
  run(
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650"],
    ...["-subj", `/CN=${name}`, "-addext", "keyUsage=critical,keyCertSign,digitalSignature"],
    ...["-keyout", path("ca.key"), "-out", path("ca.crt")],
  );
  return {
    certPath: path("ca.crt"),
    sign: (requestPath, certPath) =>
      run(
        ...["x509", "-req", "-in", requestPath, "-out", certPath, "-days", "365", "-CAcreateserial"],
        ...["-CA", path("ca.crt"), "-CAkey", path("ca.key"), "-extfile", path("leaf.cnf")],
        ...["-copy_extensions", "copy"],
      ),
  };
}

/** Completes a kubeconfig that holds a key only: its certificate, signed for the request beside it, and the CA. */
export function completeKubeconfig(path: string, authority: OuterAuthority): void {
  authority.sign(`${path}.csr`, `${path}.crt`);
  const encode = (file: string): string => readFileSync(file).toString("base64");
  const config = parseYamlDocuments(readFileSync(path, "utf8"))[0]?.value as {
    clusters: { cluster: Record<string, string> }[];
    users: { user: Record<string, string> }[];
  };
  for (const { cluster } of config.clusters)
    cluster["certificate-authority-data"] = encode(authority.certPath);
  for (const { user } of config.users) user["client-certificate-data"] = encode(`${path}.crt`);
  writeFileSync(path, formatYaml(config));
  rmSync(`${path}.crt`);
  rmSync(`${path}.csr`);
}
