import * as v from "valibot";
import { bootstrapTokens, localAPIEndpoint, patches, taints, text, texts, volumes } from "./schema.ts";

/** In this version flags are a map: each name once. */
const args = v.nullish(v.record(v.string(), v.string()));
const component = { extraArgs: args, extraVolumes: volumes };
const typeMeta = { apiVersion: text, kind: text };

const nodeRegistration = v.nullish(
  v.strictObject({
    name: text,
    criSocket: text,
    taints,
    kubeletExtraArgs: args,
    ignorePreflightErrors: texts,
    imagePullPolicy: text,
  }),
);

/** Shape of a v1beta3 InitConfiguration. Source: kubeadm v1.36.3 apis/kubeadm/v1beta3/types.go. */
export const oldInitSchema = v.strictObject({
  ...typeMeta,
  bootstrapTokens,
  nodeRegistration,
  localAPIEndpoint,
  certificateKey: text,
  skipPhases: texts,
  patches,
});

/** Shape of a v1beta3 ClusterConfiguration. Source: as above. */
export const oldClusterSchema = v.strictObject({
  ...typeMeta,
  etcd: v.nullish(
    v.strictObject({
      local: v.nullish(
        v.strictObject({
          imageRepository: text,
          imageTag: text,
          dataDir: text,
          extraArgs: args,
          serverCertSANs: texts,
          peerCertSANs: texts,
        }),
      ),
      external: v.nullish(v.strictObject({ endpoints: texts, caFile: text, certFile: text, keyFile: text })),
    }),
  ),
  networking: v.nullish(v.strictObject({ serviceSubnet: text, podSubnet: text, dnsDomain: text })),
  kubernetesVersion: text,
  controlPlaneEndpoint: text,
  apiServer: v.nullish(v.strictObject({ ...component, certSANs: texts, timeoutForControlPlane: text })),
  controllerManager: v.nullish(v.strictObject(component)),
  scheduler: v.nullish(v.strictObject(component)),
  dns: v.nullish(v.strictObject({ imageRepository: text, imageTag: text })),
  certificatesDir: text,
  imageRepository: text,
  featureGates: v.nullish(v.record(v.string(), v.boolean())),
  clusterName: text,
});

/** Shape of a v1beta3 JoinConfiguration. Source: as above. */
export const oldJoinSchema = v.strictObject({
  ...typeMeta,
  nodeRegistration,
  caCertPath: text,
  discovery: v.nullish(
    v.strictObject({
      bootstrapToken: v.nullish(
        v.strictObject({
          token: text,
          apiServerEndpoint: text,
          caCertHashes: texts,
          unsafeSkipCAVerification: v.nullish(v.boolean()),
        }),
      ),
      file: v.nullish(v.strictObject({ kubeConfigPath: text })),
      tlsBootstrapToken: text,
      timeout: text,
    }),
  ),
  controlPlane: v.nullish(v.strictObject({ localAPIEndpoint, certificateKey: text })),
  skipPhases: texts,
  patches,
});
