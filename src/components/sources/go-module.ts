import type { BinaryName } from "../types.ts";

/** What one `go build` makes: programs of one module at one version. */
export interface GoTarget {
  readonly modulePath: string;
  readonly version: string;
  readonly names: readonly BinaryName[];
  /** `test`: not the packages' programs, but the program of the one package's tests. */
  readonly verb: "build" | "test";
  /** Import paths, in the order of `names`. */
  readonly packages: readonly string[];
  /** `-ldflags` */
  readonly linkerFlags: string;
}

/** etcd's server is a module of its own; its main package is named after the directory, not after the program. */
export function describeEtcdTarget(version: string): GoTarget {
  const modulePath = "go.etcd.io/etcd/server/v3";
  return {
    modulePath,
    version,
    names: ["etcd"],
    verb: "build",
    packages: [modulePath],
    linkerFlags: "-s -w",
  };
}

/**
 * Programs of k8s.io/kubernetes. Their version is set by the linker, in two packages.
 * Source: kubernetes hack/lib/version.sh kube::version::ldflags.
 */
export function describeKubernetesTarget(version: string, names: readonly BinaryName[]): GoTarget {
  const modulePath = "k8s.io/kubernetes";
  const minor = version.split(".")[1] ?? "";
  const settings = { gitVersion: version, gitMajor: "1", gitMinor: minor, gitTreeState: "clean" };
  const flags = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((path) =>
    Object.entries(settings).map(([key, value]) => `-X ${path}.${key}=${value}`),
  );
  return {
    modulePath,
    version,
    names,
    verb: names.some(isTestProgram) ? "test" : "build",
    packages: names.map((name) =>
      isTestProgram(name) ? `${modulePath}/test/${name.replace(/\.test$/, "")}` : `${modulePath}/cmd/${name}`,
    ),
    linkerFlags: ["-s -w", ...flags].join(" "),
  };
}

/** Tests of a package that are a program, named as Go names it. It is a build of its own. */
export function isTestProgram(name: BinaryName): boolean {
  return name.endsWith(".test");
}

/**
 * The go.mod of a module whose only purpose is to build this target with exactly the dependencies that the target's
 * own go.mod names. Kubernetes' replaces some by directories of its repository, which are published as v0.Y.Z.
 */
export function buildGoMod(target: GoTarget, ownGoMod: string): string {
  const published = target.version.replace(/^v1\./, "v0.");
  const replaced = [...ownGoMod.matchAll(/^\s*(?:replace\s+)?(\S+) => \.\/staging\/\S+/gm)];
  const lines = [
    "module slipway.local/components",
    `go ${parseGoLine(ownGoMod)}`,
    ...[...ownGoMod.matchAll(/^godebug \w+=\S+/gm)].map(([line]) => line),
    `require ${target.modulePath} ${target.version}`,
    ...replaced.map(([, path]) => `replace ${path} => ${path} ${published}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** The Go version that a go.mod asks for, `1.26.0`. Source: Go Modules Reference, `go` directive; 1.16 when absent. */
export function parseGoLine(goMod: string): string {
  return /^go (\S+)/m.exec(goMod)?.[1] ?? "1.16";
}
