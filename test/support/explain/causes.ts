import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { ControlPlaneComponent } from "../../../src/core/constants.ts";
import { makeNewerEtcdData } from "../etcd-data.ts";
import { FOREIGN_PROGRAM } from "../foreign-program.ts";
import { NOBODY, type RunOptions, succeed, type TestPlane } from "../plane.ts";
import { YEAR_MS } from "../plane-pki.ts";
import {
  addArg,
  clockPath,
  makeOwnPair,
  ownPath,
  patch,
  putData,
  removeOwn,
  takePort,
  useProgram,
} from "./make-cause.ts";

/** Something that keeps a control plane from coming up, and what each of the four commands has to say of it. */
export interface Cause {
  readonly cause: string;
  readonly component: ControlPlaneComponent;
  /** Exit code or signal; of one that goes on running none. */
  readonly end: RegExp;
  /** The line of its log that matters; undefined where none was written. */
  readonly line: RegExp | undefined;
  readonly why: RegExp;
  readonly fix: RegExp;
  /** Brings it about, before init; gives what undoes it. */
  readonly make: (plane: TestPlane) => Promise<(() => Promise<unknown>) | undefined>;
  readonly run?: RunOptions;
  /** Only root can bring it about: with mounts, owners or a cgroup. */
  readonly needsRoot?: true;
  readonly env?: Readonly<Record<string, string>>;
}

const EXIT_1 = /ended with exit code 1\b/;
const GOES_ON = /^cannot get ready$|^not ready$/;

export const CAUSES: readonly Cause[] = [
  {
    cause: "a flag in extraArgs that the component has not",
    component: "kube-apiserver",
    end: EXIT_1,
    line: /unknown flag: --no-such-flag/,
    why: /^this version of kube-apiserver has no flag --no-such-flag$/,
    fix: /take it out of apiServer\.extraArgs/,
    make: (plane) => addArg(plane, "apiServer", "no-such-flag", "x"),
  },
  {
    cause: "a port that somebody takes after the checks",
    component: "etcd",
    end: EXIT_1,
    line: /bind: address already in use/,
    why: new RegExp(`^port \\d+ is held by .* \\(pid ${process.pid}\\)$`),
    fix: new RegExp(`stop it \\(kill ${process.pid}\\)`),
    make: ({ ports }) => takePort(ports.etcdPeer),
  },
  {
    cause: "a flag in extraArgs that the controller manager has not",
    component: "kube-controller-manager",
    end: EXIT_1,
    line: /unknown flag: --no-such-flag/,
    why: /^this version of kube-controller-manager has no flag --no-such-flag$/,
    fix: /take it out of controllerManager\.extraArgs/,
    make: (plane) => addArg(plane, "controllerManager", "no-such-flag", "x"),
  },
  {
    cause: "a port of the scheduler's that somebody takes after the checks",
    component: "kube-scheduler",
    end: EXIT_1,
    line: /bind: address already in use/,
    why: new RegExp(`^port \\d+ is held by .* \\(pid ${process.pid}\\)$`),
    fix: new RegExp(`stop it \\(kill ${process.pid}\\)`),
    make: ({ ports }) => takePort(ports.scheduler),
  },
  {
    cause: "a certificate that has expired",
    component: "kube-apiserver",
    end: GOES_ON,
    line: /remote error: tls: expired certificate/,
    why: /^the other side refuses the client certificate of kube-apiserver: it is expired/,
    fix: /check the clock/,
    make: async (plane) => {
      await makeOwnPair(plane, "apiserver-etcd-client", { nowMs: Date.now() - 2 * YEAR_MS });
      await addArg(plane, "apiServer", "etcd-certfile", ownPath(plane, "crt"));
      await addArg(plane, "apiServer", "etcd-keyfile", ownPath(plane, "key"));
      return () => removeOwn(plane);
    },
  },
  {
    cause: "a certificate for another address",
    component: "kube-apiserver",
    end: GOES_ON,
    line: /certificate is valid for 192\.0\.2\.1, not 127\.0\.0\.1/,
    why: /^a serving certificate is for 192\.0\.2\.1, but it is reached as 127\.0\.0\.1$/,
    fix: /move that certificate and its key away/,
    make: async (plane) => {
      await makeOwnPair(plane, "etcd/server", { ipAddresses: ["192.0.2.1"] });
      await addArg(plane, "etcd", "cert-file", ownPath(plane, "crt"));
      await addArg(plane, "etcd", "key-file", ownPath(plane, "key"));
      return () => removeOwn(plane);
    },
  },
  {
    cause: "a certificate that another CA has signed",
    component: "kube-apiserver",
    end: GOES_ON,
    line: /certificate signed by unknown authority/,
    why: /^kube-apiserver meets a certificate that another CA signed than the one it trusts$/,
    fix: /names it\) and its key away/,
    make: (plane) => addArg(plane, "apiServer", "etcd-cafile", plane.path("etc/kubernetes/pki/ca.crt")),
  },
  {
    cause: "a key that belongs to another certificate",
    component: "etcd",
    end: EXIT_1,
    line: /private key does not match public key/,
    why: /^a private key of etcd does not belong to its certificate$/,
    fix: /move the wrong one of the pair away/,
    make: (plane) => addArg(plane, "etcd", "key-file", plane.path("etc/kubernetes/pki/etcd/peer.key")),
  },
  {
    cause: "a certificate that cannot be read",
    component: "etcd",
    end: EXIT_1,
    line: /failed to find any PEM data/,
    why: /^a certificate of etcd holds no PEM text$/,
    fix: /move it away/,
    make: async (plane) => {
      await mkdir(plane.path("etc/kubernetes/pki/etcd"), { recursive: true });
      await writeFile(ownPath(plane, "crt"), "no certificate\n");
      await addArg(plane, "etcd", "cert-file", ownPath(plane, "crt"));
      return () => removeOwn(plane);
    },
  },
  {
    cause: "etcd's data that a newer etcd has written",
    component: "etcd",
    end: EXIT_1,
    line: /version .* is not supported|invalid downgrade/,
    why: /^the data directory was written by a newer etcd/,
    fix: /use that etcd/,
    make: (plane) => putData(plane, makeNewerEtcdData),
  },
  {
    cause: "etcd's data that is damaged",
    component: "etcd",
    end: /ended with exit code \d/,
    line: /invalid database/,
    why: /^etcd's data directory is damaged$/,
    fix: /etcdutl snapshot restore/,
    make: (plane) =>
      putData(plane, async (path) => {
        await mkdir(join(path, "member/snap"), { recursive: true });
        await writeFile(join(path, "member/snap/db"), "x".repeat(65_536));
      }),
  },
  {
    cause: "etcd's log that has lost its beginning",
    component: "etcd",
    end: /ended with exit code \d/,
    line: /nil pointer dereference, in \S+etcdserver\.bootstrap/,
    why: /^etcd's data directory is damaged$/,
    fix: /move the data directory away/,
    make: (plane) =>
      putData(plane, async (path) => {
        await mkdir(join(path, "member/wal"), { recursive: true });
        await writeFile(join(path, "member/wal/0000000000000000-0000000000000000.wal"), "");
      }),
  },
  {
    cause: "etcd's data that belongs to another user",
    component: "etcd",
    end: EXIT_1,
    line: /permission denied/,
    why: /^this user may not use \S*\/var\/lib\/etcd\/member/,
    fix: /a chown to the user of the runner/,
    run: { uid: NOBODY },
    needsRoot: true,
    make: async (plane) => {
      const member = plane.path("var/lib/etcd/member");
      await mkdir(member, { recursive: true });
      await execa("chown", ["-R", `${NOBODY}:${NOBODY}`, plane.root]);
      await execa("chown", ["0:0", member]);
      await execa("chmod", ["700", member, plane.path("var/lib/etcd")]);
      return () => execa("chown", ["-R", `${NOBODY}:${NOBODY}`, member]);
    },
  },
  {
    // Less than the 64 MB that etcd allots for its log at once. Source: etcd storage/wal/wal.go SegmentSizeBytes.
    cause: "a disk that is full",
    component: "etcd",
    end: /ended with (?:exit code|signal) \d/,
    line: /no space left on device/,
    why: /^the disk is full$/,
    fix: /free some space/,
    needsRoot: true,
    make: async (plane) => {
      await mkdir(plane.root);
      await execa("mount", ["-t", "tmpfs", "-o", "size=30m", "none", plane.root]);
      return async () => {
        succeed(await plane.slipway("reset", "--force"));
        await execa("umount", [plane.root]);
      };
    },
  },
  {
    cause: "a memory limit that the component cannot live in",
    component: "kube-apiserver",
    end: /ended with signal 9 \(OOMKilled\)/,
    line: undefined,
    why: /^the kernel killed it, because it needed more than the 40Mi of memory/,
    fix: /raise resources\.limits\.memory of kube-apiserver/,
    needsRoot: true,
    make: (plane) => patch(plane, "kube-apiserver", "resources: { limits: { memory: 40Mi } }"),
  },
  {
    cause: "a program that is made for another processor",
    component: "etcd",
    end: /ended with exit code \d+/,
    line: /Exec format error|Syntax error|not found/,
    why: /^the program of etcd is damaged or made for another kind of processor$/,
    fix: /slipway components verify/,
    make: (plane) => useProgram(plane, { content: FOREIGN_PROGRAM, mode: 0o755 }),
  },
  {
    cause: "a program that is not executable",
    component: "etcd",
    end: /^it waits: /,
    line: undefined,
    why: /it has no executable program/,
    fix: /^give the container a command that this machine has/,
    make: (plane) => useProgram(plane, { content: "#!/bin/sh\n", mode: 0o644 }),
  },
  {
    cause: "a program that is missing",
    component: "etcd",
    end: /^it waits: /,
    line: undefined,
    why: /it has no executable program/,
    fix: /^give the container a command that this machine has/,
    make: (plane) => useProgram(plane, undefined),
  },
  {
    cause: "a clock that was a year ahead when init made the certificates",
    component: "kube-apiserver",
    end: GOES_ON,
    line: /certificate has expired or is not yet valid: current time \S+ is before/,
    why: /^a certificate is valid only from \S+, and the clock says/,
    fix: /set the clock right/,
    make: async (plane) => {
      // Node.js alone can be deceived: etcd and kube-apiserver ask the kernel.
      const code = `if (process.argv.includes("init")) { const now = Date.now; Date.now = () => now() + ${YEAR_MS}; }\n`;
      await writeFile(clockPath(plane.dir), code);
      return undefined;
    },
    env: { NODE_OPTIONS: "--import=PLANE/clock.mjs" },
  },
  {
    cause: "an address to listen on that this machine has not",
    component: "etcd",
    end: EXIT_1,
    line: /bind: cannot assign requested address/,
    why: /^this machine has no interface with the address of 203\.0\.113\.9/,
    fix: /--apiserver-advertise-address/,
    make: async (plane) => {
      const { etcdClient } = plane.ports;
      await plane.editConfig((text) =>
        text.replace(
          `urls, value: "https://127.0.0.1:${etcdClient}`,
          `urls, value: "https://203.0.113.9:${etcdClient}`,
        ),
      );
      return undefined;
    },
  },
  {
    cause: "a limit of open files that is too low",
    component: "etcd",
    end: EXIT_1,
    line: /file descriptor limit of etcd process is too low/,
    why: /^etcd may have no more files and connections open/,
    fix: /ulimit/,
    run: { host: { address: "127.0.0.1", enter: ["prlimit", "--nofile=128:128", "--"] } },
    make: async () => undefined,
  },
];
