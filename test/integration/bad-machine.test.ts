import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DiagnosisAnswer } from "../../src/commands/doctor/doctor.ts";
import { issueCertificate } from "../../src/pki/issue.ts";
import { readCertificateSpec } from "../../src/pki/read-certificate-spec.ts";
import type { KeyPair } from "../../src/pki/types.ts";
import { listTree } from "../support/machine.ts";
import { createNetworkHosts } from "../support/network-hosts.ts";
import {
  MAIN,
  NOBODY,
  type Outcome,
  preparePlane,
  runSlipway,
  succeed,
  type TestPlane,
} from "../support/plane.ts";
import { prepareStandalone } from "../support/standalone.ts";
import { readTold } from "../support/told.ts";

const YEAR_MS = 365 * 86_400_000;
const asRoot = process.getuid?.() === 0;
let plane: TestPlane;

beforeEach(async () => {
  plane = await preparePlane();
});
afterEach(() => plane.destroy());

/**
 * What init said that begins nothing: it has to say what, why and how to mend it, and to leave the disk alone. Before it
 * doctor has said the same.
 */
async function expectRefused(
  wanted: { readonly code: string; readonly text: RegExp },
  run: (...words: readonly string[]) => Promise<Outcome> = (...words) => plane.slipway(...words),
): Promise<string> {
  const before = listTree(plane.dir);
  const doctor = await run("doctor", "--config", plane.configPath, "-o", "json");
  const { findings } = JSON.parse(doctor.stdout) as DiagnosisAnswer;
  const errors = findings.filter(({ severity }) => severity === "error");
  const { exitCode, stdout, stderr } = await run("init", "--config", plane.configPath);
  expect(errors.map(({ what }) => stderr.includes(what))).toContain(true);
  expect(stderr).toMatch(wanted.text);
  expect(stderr).toMatch(/^error: .+\n {2}why: .+(?:\n {7}.+)*\n {2}fix: .+\n {2}code: /m);
  expect(stderr.trimEnd().split("\n").at(-1)).toBe(`  code: ${wanted.code}`);
  expect({ exitCode: exitCode === 1 || exitCode === 4, stdout }).toEqual({ exitCode: true, stdout: "" });
  expect(listTree(plane.dir)).toEqual(before);
  return stderr;
}

describe("certificates that the user brought", () => {
  beforeEach(async () => {
    succeed(await plane.slipway("init", "phase", "certs", "all", "--config", plane.configPath));
    // Whose ledger is gone did not come from here.
    await rm(plane.path("var"), { recursive: true });
  });

  const pathOf = (name: string): string => plane.path(`etc/kubernetes/pki/${name}`);

  async function replace(
    name: string,
    change: {
      readonly spec?: Partial<ReturnType<typeof readCertificateSpec>>;
      readonly nowMs?: number;
      readonly signer?: KeyPair;
    },
  ): Promise<void> {
    const read = (path: string): Promise<string> => readFile(pathOf(path), "utf8");
    const own = readCertificateSpec(new X509Certificate(await read(`${name}.crt`)));
    const signer = change.signer ?? { certPem: await read("ca.crt"), keyPem: await read("ca.key") };
    const { certPem, keyPem } = await issueCertificate({
      spec: { ...own, validityMs: YEAR_MS, ...change.spec },
      nowMs: change.nowMs ?? Date.now(),
      ...(name === "ca" ? {} : { signer }),
    });
    await writeFile(pathOf(`${name}.crt`), certPem);
    await writeFile(pathOf(`${name}.key`), keyPem);
  }

  test("and that has expired is refused with its date", async () => {
    await replace("apiserver", { nowMs: Date.now() - 2 * YEAR_MS });
    const text = /apiserver\.crt.*\n {2}why: it expired on \d{4}-\d\d-\d\d, \d+d ago/;
    await expectRefused({ code: "SLIPWAY_CERT_EXPIRED", text });
  });

  // A clock that is a year behind shows just so: the machine's own cannot be moved for one process.
  test("and that is from the future makes init ask for the clock", async () => {
    await replace("ca", { nowMs: Date.now() + YEAR_MS });
    const text =
      /ca\.crt.*\n {2}why: it is valid from \d{4}-.*, and the clock says \d{4}-.*\n {2}fix: .*clock/;
    await expectRefused({ code: "SLIPWAY_CERT_EXPIRED", text });
  });

  test("and that is for another address is refused with both", async () => {
    await replace("apiserver", { spec: { ipAddresses: ["192.0.2.1"] } });
    await expectRefused({
      code: "SLIPWAY_CERT_SAN_MISSING",
      text: /apiserver\.crt.*\n {2}why: .*127\.0\.0\.1/,
    });
  });

  test("and that another CA has signed is refused", async () => {
    const read = (path: string): Promise<string> => readFile(pathOf(path), "utf8");
    const signer = { certPem: await read("etcd/ca.crt"), keyPem: await read("etcd/ca.key") };
    await replace("apiserver", { signer });
    await expectRefused({ code: "SLIPWAY_CERT_WRONG_CA", text: /apiserver\.crt.*\n {2}why: .*CA/ });
  });

  test("and whose key is another's is refused", async () => {
    await writeFile(pathOf("apiserver.key"), await readFile(pathOf("front-proxy-client.key")));
    await expectRefused({ code: "SLIPWAY_CERT_KEY_MISMATCH", text: /apiserver\.crt.*\n {2}why: .*key/ });
  });

  test("and that is no certificate is refused", async () => {
    await writeFile(pathOf("apiserver.crt"), "no certificate\n");
    await expectRefused({ code: "SLIPWAY_CERT_UNREADABLE", text: /apiserver\.crt/ });
  });

  test.runIf(asRoot)("and that this user may not read is refused with its path", async () => {
    await execa("chown", ["-R", `${NOBODY}:${NOBODY}`, plane.root]);
    await execa("chown", ["0:0", pathOf("apiserver.key")]);
    await chmod(pathOf("apiserver.key"), 0o600);
    const run = (...words: readonly string[]): Promise<Outcome> =>
      runSlipway([...words, "--root", plane.root], { uid: NOBODY });
    const text = /apiserver\.key\n {2}why: permission denied/;
    await expectRefused({ code: "SLIPWAY_FILE_ACCESS", text }, run);
  });
});

test("an advertise address that this machine has not is refused with those that it has", async () => {
  await plane.editConfig((text) =>
    text.replace("advertiseAddress: 127.0.0.1", "advertiseAddress: 203.0.113.9"),
  );
  await expectRefused({
    code: "SLIPWAY_PREFLIGHT",
    text: /\[AdvertiseAddress\] .*203\.0\.113\.9.*no interface/,
  });
});

test("a patch that makes a manifest invalid is refused with the field", async () => {
  const directory = join(plane.dir, "patches");
  await mkdir(directory);
  await writeFile(join(directory, "etcd.yaml"), "spec: { containers: [{ name: etcd, image: 7 }] }\n");
  await plane.editConfig((text) =>
    text.replace("nodeRegistration:", `patches: { directory: ${directory} }\nnodeRegistration:`),
  );
  await expectRefused({
    code: "SLIPWAY_MANIFEST_INVALID",
    text: /gives etcd a manifest.*\n.*spec\.containers\[0\]\.image.*\n.*patches/,
  });
});

test("too low a limit of open files is refused", async () => {
  const run = async (...words: readonly string[]): Promise<Outcome> => {
    const program = [process.execPath, MAIN, ...words, "--root", plane.root];
    const { exitCode, stdout, stderr } = await execa("prlimit", ["--nofile=200:200", ...program], {
      reject: false,
      stripFinalNewline: false,
    });
    return { exitCode, stdout, stderr };
  };
  await expectRefused({ code: "SLIPWAY_PREFLIGHT", text: /\[OpenFiles\] .*only 200 files/ }, run);
});

test("a kubelet that runs on the manifest directory is refused with its pid", async () => {
  const flag = `--pod-manifest-path=${plane.path("etc/kubernetes/manifests")}`;
  const kubelet = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", "--", flag], {
    argv0: "kubelet",
  });
  try {
    const text = new RegExp(
      `\\[OtherRunner\\] kubelet \\(pid ${kubelet.pid}\\) already runs the static pods`,
    );
    await expectRefused({ code: "SLIPWAY_PREFLIGHT", text });
  } finally {
    kubelet.kill("SIGKILL");
  }
});

test("a runner that runs on the manifest directory is refused with its pid", async () => {
  const manifests = plane.path("etc/kubernetes/manifests");
  const other = await prepareStandalone();
  other.run("--pod-manifest-path", manifests);
  try {
    await expect.poll(() => other.slipway("runner", "status").then(({ exitCode }) => exitCode)).toBe(0);
    const text = /\[OtherRunner\] slipway \(pid \d+\) already runs the static pods/;
    const stderr = await expectRefused({ code: "SLIPWAY_PREFLIGHT", text });
    expect(stderr).toContain(`slipway runner stop --root ${other.root}`);
  } finally {
    await other.destroy();
  }
});

describe.runIf(asRoot)("on a machine with a network of its own", () => {
  let hosts: Awaited<ReturnType<typeof createNetworkHosts>>;
  let other: TestPlane;

  beforeAll(async () => {
    hosts = await createNetworkHosts();
    other = await preparePlane({ host: hosts.first });
  });
  afterAll(async () => {
    await other.destroy();
    await hosts.destroy();
  });

  const ip = (...words: readonly string[]) =>
    execa("nsenter", [...hosts.first.enter.slice(1, -1), "ip", ...words]);

  test("a service network that holds this machine's address is refused, one that is routed is warned of", async () => {
    const useNetwork = (cidr: string): Promise<void> =>
      other.editConfig((text) =>
        text.replace(/networking: \{(?: serviceSubnet: \S+,)?/, `networking: { serviceSubnet: ${cidr},`),
      );
    await useNetwork("10.77.0.0/16");
    const { exitCode, stderr } = await other.init();
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(
      /\[ServiceCIDR\] .*10\.77\.0\.0\/16.*contains this machine's own address 10\.77\.5\.1/,
    );
    await ip("route", "add", "10.78.0.0/16", "via", "10.77.5.2");
    await useNetwork("10.78.0.0/16");
    const doctor = await other.slipway("doctor", "--config", other.configPath);
    expect(doctor.stdout).toMatch(/\[ServiceCIDR\](?:.|\n)*overlaps 10\.78\.0\.0\/16/);
    const init = await other.init();
    succeed(init);
    expect(init.stderr).toMatch(/^warning: \[ServiceCIDR\] .*overlaps 10\.78\.0\.0\/16/m);
  });

  test("an advertise address that goes away is told by status, ps, doctor and init", async () => {
    await ip("addr", "flush", "to", hosts.first.address);
    const lost = expect.stringContaining(
      `no interface of this machine has the address ${hosts.first.address}`,
    );
    const told = { why: lost, fix: expect.stringContaining("give the machine that address again") };
    expect(await readTold(other, "kube-apiserver")).toMatchObject({ status: told, ps: told, doctor: told });
    const { exitCode, stderr } = await other.init();
    expect([exitCode, stderr]).toEqual([4, expect.stringMatching(ADDRESS_LOST)]);
  });
});

const ADDRESS_LOST =
  /\[AdvertiseAddress\] .*10\.77\.5\.1 cannot be used: no interface of this machine has it/;

describe.runIf(asRoot)("on a machine of its own", () => {
  test("a small /run is enough; a file system that takes no more files is refused", async () => {
    const [run, etc] = [plane.path("run"), plane.path("etc")];
    await Promise.all([run, etc].map((dir) => mkdir(dir, { recursive: true })));
    await execa("mount", ["-t", "tmpfs", "-o", "size=2m", "none", run]);
    await execa("mount", ["-t", "tmpfs", "-o", "nr_inodes=50", "none", etc]);
    try {
      const text = /one check failed\n.*\[FreeSpace\] only 49 more files can be made at \S+\/etc:.*df -i/;
      await expectRefused({ code: "SLIPWAY_PREFLIGHT", text });
    } finally {
      await execa("umount", [run, etc]);
    }
  });

  test("a manifest directory that this user may not write to is refused", async () => {
    const other = await preparePlane({ uid: NOBODY });
    try {
      await mkdir(other.path("etc/kubernetes/manifests"), { recursive: true });
      await execa("chown", ["-R", `${NOBODY}:${NOBODY}`, other.root]);
      await execa("chown", ["0:0", other.path("etc/kubernetes/manifests")]);
      const { exitCode, stderr } = await other.init();
      expect(exitCode).toBe(4);
      expect(stderr).toMatch(/\[Writable\] nothing can be written to \S+\/etc\/kubernetes\/manifests/);
      const doctor = await other.slipway("doctor", "--config", other.configPath);
      expect([doctor.exitCode, doctor.stdout]).toEqual([
        1,
        expect.stringMatching(/nothing can be written to \S+\/etc\/kubernetes\/manifests.* \[Writable\]/),
      ]);
    } finally {
      await other.destroy();
    }
  });
});
