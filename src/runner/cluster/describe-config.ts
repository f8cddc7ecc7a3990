import { formatDuration } from "../../core/duration.ts";
import type { KubeletConfiguration } from "../types.ts";

/**
 * The configuration in effect, in the KubeletConfiguration's own fields: `configz`. Headers are masked, for they may
 * be credentials. Source: kubelet server/server.go configz, kubelet:config/v1beta1 types.go.
 */
export function describeConfig(kubelet: KubeletConfiguration): object {
  const headers = Object.keys(kubelet.staticPodURLHeader).map((name) => [name, ["<masked>"]]);
  return {
    kubeletconfig: {
      staticPodPath: kubelet.staticPodPath,
      staticPodURL: kubelet.staticPodURL,
      staticPodURLHeader: Object.fromEntries(headers),
      fileCheckFrequency: formatDuration(kubelet.fileCheckFrequencyMs),
      httpCheckFrequency: formatDuration(kubelet.httpCheckFrequencyMs),
      enableServer: kubelet.enableServer,
      enableDebuggingHandlers: kubelet.enableDebuggingHandlers,
      enableSystemLogHandler: kubelet.enableSystemLogHandler,
      address: kubelet.address,
      port: kubelet.port,
      healthzPort: kubelet.healthzPort,
      healthzBindAddress: kubelet.healthzBindAddress,
      tlsCertFile: kubelet.tlsCertFile,
      tlsPrivateKeyFile: kubelet.tlsPrivateKeyFile,
      rotateCertificates: kubelet.rotateCertificates,
      authentication: {
        anonymous: { enabled: kubelet.anonymousAuth },
        webhook: { enabled: kubelet.webhookAuth, cacheTTL: formatDuration(kubelet.tokenCacheMs) },
        x509: { clientCAFile: kubelet.clientCAFile },
      },
      authorization: {
        mode: kubelet.authorizationMode,
        webhook: {
          cacheAuthorizedTTL: formatDuration(kubelet.allowedCacheMs),
          cacheUnauthorizedTTL: formatDuration(kubelet.deniedCacheMs),
        },
      },
      registerNode: kubelet.registerNode,
      registerWithTaints: kubelet.registerWithTaints,
      nodeStatusUpdateFrequency: formatDuration(kubelet.nodeStatusUpdateFrequencyMs),
      nodeStatusReportFrequency: formatDuration(kubelet.nodeStatusReportFrequencyMs),
      nodeLeaseDurationSeconds: kubelet.nodeLeaseDurationSeconds,
      maxPods: kubelet.maxPods,
      clusterDNS: kubelet.clusterDNS,
      clusterDomain: kubelet.clusterDomain,
      podLogsDir: kubelet.podLogsDir,
      containerLogMaxSize: String(kubelet.containerLogMaxSizeBytes),
      containerLogMaxFiles: kubelet.containerLogMaxFiles,
      shutdownGracePeriodByPodPriority: kubelet.shutdownPeriods.map(({ priority, graceSeconds }) => ({
        priority,
        shutdownGracePeriodSeconds: graceSeconds,
      })),
    },
  };
}
