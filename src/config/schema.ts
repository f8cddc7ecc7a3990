import * as v from "valibot";

/** Null means not set, as in Kubernetes' own reader. */
const text = v.nullish(v.string());
const texts = v.nullish(v.array(v.string()));
const truth = v.nullish(v.boolean());
const whole = v.nullish(v.pipe(v.number(), v.integer()));

const args = v.nullish(v.array(v.strictObject({ name: text, value: text })));
const envs = v.nullish(
  v.array(v.strictObject({ name: text, value: text, valueFrom: v.nullish(v.unknown()) })),
);
const volumes = v.nullish(
  v.array(v.strictObject({ name: text, hostPath: text, mountPath: text, readOnly: truth, pathType: text })),
);
const component = { extraArgs: args, extraEnvs: envs, extraVolumes: volumes };

const typeMeta = { apiVersion: text, kind: text };

/** Shape of a v1beta4 InitConfiguration. Source: kubeadm apis/kubeadm/v1beta4/types.go, apis/bootstraptoken/v1/types.go. */
export const initSchema = v.strictObject({
  ...typeMeta,
  bootstrapTokens: v.nullish(
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
  ),
  dryRun: truth,
  nodeRegistration: v.nullish(
    v.strictObject({
      name: text,
      criSocket: text,
      taints: v.nullish(v.array(v.strictObject({ key: text, value: text, effect: text }))),
      kubeletExtraArgs: args,
      ignorePreflightErrors: texts,
      imagePullPolicy: text,
      imagePullSerial: truth,
    }),
  ),
  localAPIEndpoint: v.nullish(v.strictObject({ advertiseAddress: text, bindPort: whole })),
  certificateKey: text,
  skipPhases: texts,
  patches: v.nullish(v.strictObject({ directory: text })),
  timeouts: v.nullish(
    v.strictObject({
      controlPlaneComponentHealthCheck: text,
      discovery: text,
      etcdAPICall: text,
      kubeletHealthCheck: text,
      kubernetesAPICall: text,
      tlsBootstrap: text,
      upgradeManifests: text,
    }),
  ),
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
      external: v.nullish(v.unknown()),
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

/** The fields of a KubeletConfiguration that we use; it may have any others. */
export const kubeletSchema = v.looseObject({ port: whole, healthzPort: whole });

export type InitDocument = v.InferOutput<typeof initSchema>;
export type ClusterDocument = v.InferOutput<typeof clusterSchema>;
export type KubeletDocument = v.InferOutput<typeof kubeletSchema>;
