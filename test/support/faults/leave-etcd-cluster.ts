import * as real from "../../../src/apply/reset/leave-etcd-cluster.ts";
import { reachPoint } from "./reach-point.ts";

export * from "../../../src/apply/reset/leave-etcd-cluster.ts";

/** Takes the place of the program's own: its midst is when etcd has left its cluster, and reset does not know. */
export const leaveEtcdCluster: typeof real.leaveEtcdCluster = async (system, options) => {
  reachPoint("before", "leave-etcd-cluster");
  const request: typeof system.net.request = async (asked) => {
    const response = await system.net.request(asked);
    if (asked.url.endsWith("/member/remove")) reachPoint("in", "leave-etcd-cluster");
    return response;
  };
  const advice = await real.leaveEtcdCluster({ ...system, net: { ...system.net, request } }, options);
  reachPoint("after", "leave-etcd-cluster");
  return advice;
};
