import type { CisCheck } from "./cis-check.ts";
import type { Component } from "./observe-plane.ts";

function isSet(component: Component, ...names: readonly string[]): CisCheck["passes"] {
  return (plane) => names.every((name) => (plane.flag(component, name) ?? "") !== "");
}

function isValue(
  component: Component,
  name: string,
  ...values: readonly (string | undefined)[]
): CisCheck["passes"] {
  return (plane) => values.includes(plane.flag(component, name));
}

function atLeast(name: string, least: number): CisCheck["passes"] {
  return (plane) => Number(plane.flag("kube-apiserver", name) ?? 0) >= least;
}

function has(name: string, item: string): CisCheck["passes"] {
  return (plane) => plane.items("kube-apiserver", name).includes(item);
}

function lacks(name: string, item: string): CisCheck["passes"] {
  return (plane) => !plane.items("kube-apiserver", name).includes(item);
}

const API = "kube-apiserver";
const MANAGER = "kube-controller-manager";
const PLUGINS = "enable-admission-plugins";

/** Suites with forward secrecy and authenticated encryption. */
const STRONG =
  /^TLS_ECDHE_(?:ECDSA|RSA)_WITH_(?:AES_128_GCM_SHA256|AES_256_GCM_SHA384|CHACHA20_POLY1305_SHA256)$/;

type Row = readonly [id: string, asks: string, byDefault: CisCheck["byDefault"], passes: CisCheck["passes"]];

/** 1.2 to 1.4, 2 and 3.2: flags and what they name. */
const FLAGS: readonly Row[] = [
  [
    "1.2.1",
    "nobody asks the API anonymously, but for probes and what joining needs",
    "fails",
    (plane) =>
      plane.flag(API, "anonymous-auth") === "false" ||
      plane.textOf("authentication-config").includes("- path: /livez"),
  ],
  ["1.2.2", "no file of fixed tokens", "passes", isValue(API, "token-auth-file", undefined)],
  [
    "1.2.3",
    "services with external addresses of anybody's choice are refused",
    "fails",
    has(PLUGINS, "DenyServiceExternalIPs"),
  ],
  [
    "1.2.4",
    "kubelets are shown a client certificate",
    "passes",
    isSet(API, "kubelet-client-certificate", "kubelet-client-key"),
  ],
  ["1.2.5", "kubelets' certificates are verified", "fails", isSet(API, "kubelet-certificate-authority")],
  ["1.2.6", "not everything is allowed", "passes", lacks("authorization-mode", "AlwaysAllow")],
  ["1.2.7", "nodes may only what concerns them", "passes", has("authorization-mode", "Node")],
  ["1.2.8", "rights are by role", "passes", has("authorization-mode", "RBAC")],
  [
    "1.2.9",
    "events are limited",
    "fails",
    (plane) =>
      has(PLUGINS, "EventRateLimit")(plane) &&
      plane.textOf("admission-control-config-file").includes("EventRateLimit"),
  ],
  ["1.2.10", "not everything is admitted", "passes", lacks(PLUGINS, "AlwaysAdmit")],
  ["1.2.11", "images are pulled with the pod's own rights", "fails", has(PLUGINS, "AlwaysPullImages")],
  ["1.2.12", "pods get service accounts", "passes", lacks("disable-admission-plugins", "ServiceAccount")],
  [
    "1.2.13",
    "nothing is made in a namespace that goes",
    "passes",
    lacks("disable-admission-plugins", "NamespaceLifecycle"),
  ],
  ["1.2.14", "kubelets change only their own", "passes", has(PLUGINS, "NodeRestriction")],
  ["1.2.15", "no profiling of kube-apiserver", "fails", isValue(API, "profiling", "false")],
  ["1.2.16", "there is an audit log", "fails", isSet(API, "audit-log-path")],
  ["1.2.17", "it is kept 30 days", "fails", atLeast("audit-log-maxage", 30)],
  ["1.2.18", "in 10 files", "fails", atLeast("audit-log-maxbackup", 10)],
  ["1.2.19", "of 100 MB", "fails", atLeast("audit-log-maxsize", 100)],
  ["1.2.20", "requests end: the default of a minute", "passes", isValue(API, "request-timeout", undefined)],
  [
    "1.2.21",
    "deleted service accounts' tokens are not valid",
    "passes",
    isValue(API, "service-account-lookup", undefined, "true"),
  ],
  [
    "1.2.22",
    "service account tokens have a key of their own",
    "passes",
    isSet(API, "service-account-key-file"),
  ],
  ["1.2.23", "etcd is shown a client certificate", "passes", isSet(API, "etcd-certfile", "etcd-keyfile")],
  ["1.2.24", "kube-apiserver serves with TLS", "passes", isSet(API, "tls-cert-file", "tls-private-key-file")],
  ["1.2.25", "clients' certificates are verified", "passes", isSet(API, "client-ca-file")],
  ["1.2.26", "etcd's certificate is verified", "passes", isSet(API, "etcd-cafile")],
  [
    "1.2.27",
    "there is a file that says what is encrypted",
    "fails",
    isSet(API, "encryption-provider-config"),
  ],
  [
    "1.2.28",
    "with a strong cipher first",
    "fails",
    (plane) => /providers:\n\s+- secretbox:/.test(plane.textOf("encryption-provider-config")),
  ],
  [
    "1.2.29",
    "only strong cipher suites",
    "fails",
    (plane) => {
      const suites = plane.items(API, "tls-cipher-suites");
      return suites.length > 0 && suites.every((suite) => STRONG.test(suite));
    },
  ],
  [
    "1.2.30",
    "service account tokens end when they say",
    "fails",
    isValue(API, "service-account-extend-token-expiration", "false"),
  ],
  ["1.3.1", "ended pods are collected", "fails", isSet(MANAGER, "terminated-pod-gc-threshold")],
  ["1.3.2", "no profiling of kube-controller-manager", "fails", isValue(MANAGER, "profiling", "false")],
  [
    "1.3.3",
    "each controller has its own account",
    "passes",
    isValue(MANAGER, "use-service-account-credentials", "true"),
  ],
  [
    "1.3.4",
    "service account tokens are signed with a key",
    "passes",
    isSet(MANAGER, "service-account-private-key-file"),
  ],
  ["1.3.5", "pods get the CA", "passes", isSet(MANAGER, "root-ca-file")],
  [
    "1.3.6",
    "kubelets' serving certificates rotate",
    "passes",
    (plane) => !plane.items(MANAGER, "feature-gates").includes("RotateKubeletServerCertificate=false"),
  ],
  [
    "1.3.7",
    "kube-controller-manager listens on loopback",
    "passes",
    isValue(MANAGER, "bind-address", "127.0.0.1"),
  ],
  ["1.4.1", "no profiling of kube-scheduler", "fails", isValue("kube-scheduler", "profiling", "false")],
  [
    "1.4.2",
    "kube-scheduler listens on loopback",
    "passes",
    isValue("kube-scheduler", "bind-address", "127.0.0.1"),
  ],
  ["2.1", "etcd serves with TLS", "passes", isSet("etcd", "cert-file", "key-file")],
  ["2.2", "etcd's clients show certificates", "passes", isValue("etcd", "client-cert-auth", "true")],
  ["2.3", "none that etcd made itself", "passes", isValue("etcd", "auto-tls", undefined, "false")],
  ["2.4", "etcd's members talk with TLS", "passes", isSet("etcd", "peer-cert-file", "peer-key-file")],
  ["2.5", "and show certificates", "passes", isValue("etcd", "peer-client-cert-auth", "true")],
  [
    "2.6",
    "none that etcd made itself, either",
    "passes",
    isValue("etcd", "peer-auto-tls", undefined, "false"),
  ],
  [
    "2.7",
    "etcd has a CA of its own",
    "passes",
    (plane) => {
      const ca = plane.flag("etcd", "trusted-ca-file");
      return ca !== undefined && ca !== plane.flag(API, "client-ca-file");
    },
  ],
  ["3.2.1", "there is an audit policy", "fails", isSet(API, "audit-policy-file")],
  [
    "3.2.2",
    "it covers secrets, tokens, rights and shells in pods, and never a secret's text",
    "fails",
    (plane) => {
      const policy = plane.textOf("audit-policy-file");
      return (
        ["secrets", "serviceaccounts/token", "rbac.authorization.k8s.io", "pods/exec"].every((word) =>
          policy.includes(word),
        ) && !policy.includes("RequestResponse")
      );
    },
  ],
];

/** What components' flags, and the files that they name, say: 1.2 to 1.4, 2 and 3.2. */
export const CIS_FLAG_CHECKS: readonly CisCheck[] = FLAGS.map(([id, asks, byDefault, passes]) => ({
  id,
  asks,
  byDefault,
  passes,
}));
