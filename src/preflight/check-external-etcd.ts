import { compareVersions } from "../components/component-version.ts";
import { errorFinding, type InitCheck } from "./init-check.ts";

/** Source: kubeadm app/constants MinExternalEtcdVersion, the same in 1.34 to 1.37. */
const MIN_VERSION = "3.5.24";

/** Source: kubeadm app/preflight InitNodeChecks: the configured files of an external etcd. */
export const checkExternalEtcdFiles: InitCheck = ({ facts }) =>
  facts.externalEtcd.unreadable.map(({ path, reason }) =>
    errorFinding("ExternalEtcdClientCertificates", {
      what: `${path}, which etcd.external names, cannot be read`,
      why: reason,
      fix: "put it there, or correct etcd.external in the configuration; under --root paths are below that",
    }),
  );

/** Source: kubeadm app/preflight ExternalEtcdVersionCheck. */
export const checkExternalEtcdVersion: InitCheck = ({ facts }) =>
  facts.externalEtcd.endpoints.flatMap(({ url, version, problem }) => {
    if (problem !== undefined)
      return [
        errorFinding("ExternalEtcdVersion", {
          what: `the etcd at ${url} does not tell its version`,
          why: problem,
          fix: `see that it runs and takes this client: curl --cacert CA --cert CERT --key KEY ${url}/version`,
        }),
      ];
    if (version === undefined || compareVersions(version, MIN_VERSION) >= 0) return [];
    return [
      errorFinding("ExternalEtcdVersion", {
        what: `the etcd at ${url} is ${version}`,
        why: `an API server needs ${MIN_VERSION} or newer`,
        fix: "upgrade that etcd",
      }),
    ];
  });
