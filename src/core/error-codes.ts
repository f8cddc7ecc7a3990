/**
 * Every stable error code with its exit status and the title the README's troubleshooting table shows.
 * Exit codes: 1 failed · 2 wrong usage · 3 invalid config · 4 preflight failed · 5 timed out waiting · 130 interrupted.
 */
export const ERROR_CODES = {
  SLIPWAY_USAGE: { exitCode: 2, title: "the command line is wrong" },
  SLIPWAY_NO_TERMINAL: { exitCode: 2, title: "an answer is needed and there is no terminal to ask on" },
  SLIPWAY_DECLINED: { exitCode: 1, title: "the question was answered with no" },
  SLIPWAY_INTERRUPTED: { exitCode: 130, title: "the question was left with Ctrl-C" },

  SLIPWAY_CONFIG_UNREADABLE: { exitCode: 3, title: "the configuration file cannot be read" },
  SLIPWAY_CONFIG_INVALID: { exitCode: 3, title: "the configuration has errors" },
  SLIPWAY_ADDRESS_AMBIGUOUS: { exitCode: 3, title: "the machine has several addresses and none was chosen" },
  SLIPWAY_VERSION_UNSUPPORTED: { exitCode: 3, title: "this Kubernetes version is not supported" },

  SLIPWAY_PREFLIGHT: { exitCode: 4, title: "preflight checks failed" },
  SLIPWAY_INPUT_CHANGED: { exitCode: 4, title: "init was run before with other input" },

  SLIPWAY_LOCKED: { exitCode: 1, title: "another init or reset holds this root" },
  SLIPWAY_FOREIGN_ROOT: { exitCode: 1, title: "the root belongs to another user" },
  SLIPWAY_LEDGER_CORRUPT: { exitCode: 1, title: "the ledger cannot be read" },
  SLIPWAY_FILE_ACCESS: { exitCode: 1, title: "a file or directory cannot be read or written" },
  SLIPWAY_NO_SPACE: { exitCode: 1, title: "the disk is full" },

  SLIPWAY_PATCH_INVALID: { exitCode: 3, title: "a patch of the patch directory cannot be used" },

  SLIPWAY_EXTERNAL_CA: { exitCode: 1, title: "a certificate of a CA whose key is elsewhere is missing" },
  SLIPWAY_CERT_UNREADABLE: { exitCode: 1, title: "a certificate or key is missing or cannot be parsed" },
  SLIPWAY_CERT_EXPIRED: { exitCode: 1, title: "a certificate is outside its validity" },
  SLIPWAY_CERT_WRONG_CA: { exitCode: 1, title: "a certificate was signed by another CA" },
  SLIPWAY_CERT_SAN_MISSING: { exitCode: 1, title: "a certificate lacks a needed name or address" },
  SLIPWAY_CERT_WRONG_PURPOSE: { exitCode: 1, title: "a certificate is not for this use" },
  SLIPWAY_CERT_KEY_MISMATCH: { exitCode: 1, title: "a key does not belong to its certificate" },
  SLIPWAY_CERT_KEY_MISSING: { exitCode: 1, title: "a private key is missing" },
  SLIPWAY_KUBECONFIG_INVALID: { exitCode: 1, title: "an existing kubeconfig does not fit this cluster" },

  SLIPWAY_COMPONENT_NOT_FOUND: { exitCode: 1, title: "a component binary is not to be had" },
  SLIPWAY_COMPONENT_VERSION: { exitCode: 1, title: "a component binary has the wrong version" },
  SLIPWAY_COMPONENT_CORRUPT: { exitCode: 1, title: "a component binary fails its checksum" },
  SLIPWAY_DOWNLOAD_FAILED: { exitCode: 1, title: "a download failed" },
  SLIPWAY_BUILD_FAILED: { exitCode: 1, title: "building a component failed" },
  SLIPWAY_TOOLCHAIN_MISSING: { exitCode: 1, title: "no usable Go toolchain" },

  SLIPWAY_MANIFEST_INVALID: { exitCode: 1, title: "a manifest is not a usable static pod" },
  SLIPWAY_MANIFEST_UNREACHABLE: { exitCode: 1, title: "manifests cannot be read from where they are" },
  SLIPWAY_KIND_REFUSED: { exitCode: 1, title: "only Pods can be run from a file" },
  SLIPWAY_IMAGE_UNAVAILABLE: { exitCode: 1, title: "the host runtime has no program for an image" },

  SLIPWAY_RUNNER_UNREACHABLE: { exitCode: 1, title: "no runner answers on this root" },
  SLIPWAY_RUNNER_MISMATCH: { exitCode: 1, title: "the control socket belongs to another runner" },
  SLIPWAY_RUNNER_RUNNING: {
    exitCode: 1,
    title: "a runner is already running on this root or on its manifests",
  },
  SLIPWAY_RUNNER_START_FAILED: { exitCode: 1, title: "the runner did not start" },
  SLIPWAY_KUBELET_RUNS: { exitCode: 1, title: "a kubelet runs these static pods" },
  SLIPWAY_KUBELET_SERVICE: { exitCode: 1, title: "the kubelet could not be started or stopped" },
  SLIPWAY_POD_NOT_FOUND: { exitCode: 1, title: "no such pod or container" },
  SLIPWAY_CONTAINER_START: { exitCode: 1, title: "a container could not be started" },

  SLIPWAY_COMPONENT_FAILED: { exitCode: 1, title: "a control plane component failed" },
  SLIPWAY_DATA_LOST: { exitCode: 1, title: "etcd's data is not this control plane's" },
  SLIPWAY_WAIT_TIMEOUT: { exitCode: 5, title: "timed out waiting" },
  SLIPWAY_API_REQUEST: { exitCode: 1, title: "the API server refused a request or did not answer" },
  SLIPWAY_RESET_INCOMPLETE: { exitCode: 1, title: "reset could not remove everything" },
} as const satisfies Record<string, { readonly exitCode: number; readonly title: string }>;

/** A stable error code that users and scripts may rely on. */
export type ErrorCode = keyof typeof ERROR_CODES;
