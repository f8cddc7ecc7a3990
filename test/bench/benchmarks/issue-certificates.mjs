/** Run as a program of its own: makes sixteen keys, then everything that init makes, once, and prints both times. */
import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";

const [, , bundlePath, algorithm] = process.argv;
const pki = await import(bundlePath);

const KEY_TYPES = {
  "ECDSA-P256": ["ec", { namedCurve: "prime256v1" }],
  "RSA-2048": ["rsa", { modulusLength: 2048 }],
};

async function makeKeys() {
  const makeKey = promisify(generateKeyPair);
  await Promise.all(Array.from({ length: 16 }, () => makeKey(...KEY_TYPES[algorithm])));
}

async function makeEverything() {
  const config = pki.sampleInitConfig({ cluster: { encryptionAlgorithm: algorithm } });
  const nowMs = Date.now();
  const certificates = pki.buildClusterCertificates(config);
  const authorities = new Map(
    certificates
      .filter(({ signer }) => signer === undefined)
      .map(({ name, spec }) => [name, pki.issueCertificate({ spec, nowMs })]),
  );
  const sign = async (spec, signer, extra) =>
    pki.issueCertificate({ spec, signer: await authorities.get(signer), nowMs, ...extra });
  await Promise.all([
    ...authorities.values(),
    ...certificates
      .filter(({ signer }) => signer !== undefined)
      .map(({ spec, signer }) => sign(spec, signer)),
    pki.issueServiceAccountKeys({ algorithm }),
    ...pki.buildKubeconfigs(config).map(async (spec) => {
      const keyPair = await sign(spec.certificate, "ca", { notBefore: "ca" });
      return pki.formatKubeconfig({ spec, caPem: (await authorities.get("ca")).certPem, keyPair });
    }),
  ]);
}

async function time(work) {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

console.log(JSON.stringify({ keysMs: await time(makeKeys), wholeMs: await time(makeEverything) }));
