import * as v from "valibot";

/** Null means not set, as in Kubernetes' own reader. */
export const text = v.nullish(v.string());
export const texts = v.nullish(v.array(v.string()));
const truth = v.nullish(v.boolean());
const whole = v.nullish(v.pipe(v.number(), v.integer()));

const args = v.nullish(v.array(v.strictObject({ name: text, value: text })));
/** Source: k8s.io/api/core/v1 EnvVarSource. */
const valueFrom = v.nullish(
  v.strictObject({
    fieldRef: v.nullish(v.strictObject({ apiVersion: text, fieldPath: text })),
    resourceFieldRef: v.nullish(v.strictObject({ containerName: text, resource: text, divisor: text })),
    configMapKeyRef: v.nullish(v.strictObject({ name: text, key: text, optional: truth })),
    secretKeyRef: v.nullish(v.strictObject({ name: text, key: text, optional: truth })),
    fileKeyRef: v.nullish(v.strictObject({ volumeName: text, path: text, key: text, optional: truth })),
  }),
);
const envs = v.nullish(v.array(v.strictObject({ name: text, value: text, valueFrom })));
export const volumes = v.nullish(
  v.array(v.strictObject({ name: text, hostPath: text, mountPath: text, readOnly: truth, pathType: text })),
);
const component = { extraArgs: args, extraEnvs: envs, extraVolumes: volumes };

const typeMeta = { apiVersion: text, kind: text };

const timeouts = v.nullish(
  v.strictObject({
    controlPlaneComponentHealthCheck: text,
    discovery: text,
    etcdAPICall: text,
    kubeletHealthCheck: text,
    kubernetesAPICall: text,
    tlsBootstrap: text,
    upgradeManifests: text,
  }),
);

export const taints = v.nullish(
  v.array(v.strictObject({ key: text, value: text, effect: text, timeAdded: text })),
);

export const patches = v.nullish(v.strictObject({ directory: text }));

export const localAPIEndpoint = v.nullish(v.strictObject({ advertiseAddress: text, bindPort: whole }));

const nodeRegistration = v.nullish(
  v.strictObject({
    name: text,
    criSocket: text,
    taints,
    kubeletExtraArgs: args,
    ignorePreflightErrors: texts,
    imagePullPolicy: text,
    imagePullSerial: truth,
  }),
);

export const bootstrapTokens = v.nullish(
  v.array(
    v.strictObject({
      token: text,
      description: text,
      ttl: text,
      expires: text,
      usages: texts,
      groups: texts,
    }),
  ),
);

/** Shape of a v1beta4 InitConfiguration. Source: kubeadm apis/kubeadm/v1beta4/types.go, apis/bootstraptoken/v1/types.go. */
export const initSchema = v.strictObject({
  ...typeMeta,
  bootstrapTokens,
  dryRun: truth,
  nodeRegistration,
  localAPIEndpoint,
  certificateKey: text,
  skipPhases: texts,
  patches,
  timeouts,
});

/** Shape of a v1beta4 ClusterConfiguration. Source: kubeadm apis/kubeadm/v1beta4/types.go. */
export const clusterSchema = v.strictObject({
  ...typeMeta,
  etcd: v.nullish(
    v.strictObject({
      local: v.nullish(
        v.strictObject({
          imageRepository: text,
          imageTag: text,
          dataDir: text,
          extraArgs: args,
          extraEnvs: envs,
          serverCertSANs: texts,
          peerCertSANs: texts,
        }),
      ),
      external: v.nullish(
        v.strictObject({
          endpoints: texts,
          httpEndpoints: texts,
          caFile: text,
          certFile: text,
          keyFile: text,
        }),
      ),
    }),
  ),
  networking: v.nullish(v.strictObject({ serviceSubnet: text, podSubnet: text, dnsDomain: text })),
  kubernetesVersion: text,
  controlPlaneEndpoint: text,
  apiServer: v.nullish(v.strictObject({ ...component, certSANs: texts })),
  controllerManager: v.nullish(v.strictObject(component)),
  scheduler: v.nullish(v.strictObject(component)),
  dns: v.nullish(v.strictObject({ imageRepository: text, imageTag: text, disabled: truth })),
  proxy: v.nullish(v.strictObject({ disabled: truth })),
  certificatesDir: text,
  imageRepository: text,
  featureGates: v.nullish(v.record(v.string(), v.boolean())),
  clusterName: text,
  encryptionAlgorithm: text,
  certificateValidityPeriod: text,
  caCertificateValidityPeriod: text,
});

/** Shape of a v1beta4 JoinConfiguration. Source: kubeadm apis/kubeadm/v1beta4/types.go. */
export const joinSchema = v.strictObject({
  ...typeMeta,
  dryRun: truth,
  nodeRegistration,
  caCertPath: text,
  discovery: v.nullish(
    v.strictObject({
      bootstrapToken: v.nullish(
        v.strictObject({
          token: text,
          apiServerEndpoint: text,
          caCertHashes: texts,
          unsafeSkipCAVerification: truth,
        }),
      ),
      file: v.nullish(v.strictObject({ kubeConfigPath: text })),
      tlsBootstrapToken: text,
    }),
  ),
  controlPlane: v.nullish(v.strictObject({ localAPIEndpoint, certificateKey: text })),
  skipPhases: texts,
  patches,
  timeouts,
});

/** Shape of a v1beta4 ResetConfiguration. Source: kubeadm apis/kubeadm/v1beta4/types.go. */
export const resetSchema = v.strictObject({
  ...typeMeta,
  certificatesDir: text,
  cleanupTmpDir: truth,
  criSocket: text,
  dryRun: truth,
  force: truth,
  ignorePreflightErrors: texts,
  skipPhases: texts,
  unmountFlags: texts,
  timeouts,
});

const upgradeCommon = { dryRun: truth, etcdUpgrade: truth, ignorePreflightErrors: texts };
const upgradeVersion = { kubernetesVersion: text, allowExperimentalUpgrades: truth, allowRCUpgrades: truth };
const upgradeChange = {
  certificateRenewal: truth,
  skipPhases: texts,
  patches,
  imagePullPolicy: text,
  imagePullSerial: truth,
};

/** Shape of a v1beta4 UpgradeConfiguration. Source: kubeadm apis/kubeadm/v1beta4/types.go. */
export const upgradeSchema = v.strictObject({
  ...typeMeta,
  apply: v.nullish(
    v.strictObject({
      ...upgradeCommon,
      ...upgradeVersion,
      ...upgradeChange,
      forceUpgrade: truth,
      printConfig: truth,
    }),
  ),
  diff: v.nullish(v.strictObject({ kubernetesVersion: text, contextLines: whole })),
  node: v.nullish(v.strictObject({ ...upgradeCommon, ...upgradeChange })),
  plan: v.nullish(v.strictObject({ ...upgradeCommon, ...upgradeVersion, printConfig: truth })),
  timeouts,
});

export type InitDocument = v.InferOutput<typeof initSchema>;
export type ClusterDocument = v.InferOutput<typeof clusterSchema>;
export type JoinDocument = v.InferOutput<typeof joinSchema>;

/** What init is asked for that kubeadm has no field for. */
export const slipwaySchema = v.strictObject({ ...typeMeta, profile: text });

export type SlipwayDocument = v.InferOutput<typeof slipwaySchema>;
