import { expect, test } from "vitest";
import { applyProfile, readsFile } from "../../../src/config/apply-profile.ts";
import { parseInitConfig } from "../../../src/config/parse-init-config.ts";
import { resolveInitConfig } from "../../../src/config/resolve-init-config.ts";
import type { InitConfig } from "../../../src/config/types.ts";
import { hardeningPaths } from "../../../src/core/paths.ts";
import { sampleInitConfig } from "../../support/init-config.ts";

const ETCD = { uid: 2379, gid: 2380 };

function resolve(profile: string, uid: number): InitConfig {
  return resolveInitConfig({
    requested: parseInitConfig({ text: undefined, flags: { profile } }).config,
    root: "/",
    hostName: "node-1",
    addresses: [],
    defaultRouteInterfaces: [],
    uid,
    etcdAccount: ETCD,
  }).config;
}

test("the default profile changes nothing", () => {
  const config = sampleInitConfig();
  expect(applyProfile(config)).toBe(config);
});

test("the profile's flags come before the user's, which win", () => {
  const { cluster } = applyProfile(
    sampleInitConfig({
      profile: "cis",
      cluster: {
        scheduler: {
          extraArgs: [
            { name: "v", value: "2" },
            { name: "profiling", value: "true" },
          ],
          extraEnvs: [],
          extraVolumes: [],
        },
      },
    }),
  );
  expect(cluster.scheduler.extraArgs.map(({ name, value }) => `${name}=${value}`)).toEqual([
    "v=2",
    "profiling=true",
  ]);
  expect(cluster.controllerManager.extraArgs[0]).toEqual({ name: "profiling", value: "false" });
});

test("a user who decides on authentication keeps that whole", () => {
  const { cluster } = sampleInitConfig();
  const extraArgs = [{ name: "oidc-issuer-url", value: "https://id.example" }];
  const hardened = applyProfile(
    sampleInitConfig({ profile: "cis", cluster: { apiServer: { ...cluster.apiServer, extraArgs } } }),
  );
  expect(readsFile(hardened.cluster, hardeningPaths("/").authenticationPath)).toBe(false);
  expect(readsFile(hardened.cluster, hardeningPaths("/").encryptionPath)).toBe(true);
});

test("etcd runs as its own user for root alone, and with the profile alone", () => {
  expect(resolve("cis", 0).etcdAccount).toEqual(ETCD);
  expect(resolve("cis", 1000).etcdAccount).toBeUndefined();
  expect(resolve("default", 0).etcdAccount).toBeUndefined();
});

test("the profile stands in a document that is Slipway's own; a wrong name is told with its place", () => {
  const documents = (profile: string): string =>
    `apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n---\napiVersion: slipway.dev/v1\nkind: SlipwayConfiguration\nprofile: ${profile}\n`;
  expect(parseInitConfig({ text: documents("cis") }).config.profile).toBe("cis");
  expect(() => parseInitConfig({ text: documents("cisco"), path: "f.yaml" })).toThrow(
    expect.objectContaining({ details: [expect.stringMatching(/^f\.yaml:6:1: profile: .*cis/)] }),
  );
});
