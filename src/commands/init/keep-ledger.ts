import { readClusterUid } from "../../api/find-lost-data.ts";
import { checkInsideRoot } from "../../apply/check-inside-root.ts";
import { type Ledger, readLedger, writeLedger } from "../../apply/ledger.ts";
import { observeEntries } from "../../apply/observe-entries.ts";
import type { ApiClients } from "../../apply/open-api-clients.ts";
import type { System } from "../../system/system.ts";
import type { PreparedInit } from "./prepare-init.ts";
import { describeInput } from "./recall-input.ts";

/** The ledger of this plan and of what earlier ones made; written before the first change. */
export async function keepLedger(
  system: System,
  options: {
    readonly prepared: PreparedInit;
    readonly earlier: Ledger | undefined;
    readonly changed: boolean;
    readonly ignored?: readonly string[] | undefined;
    readonly whole?: true;
  },
): Promise<Ledger> {
  const { config, paths, plan } = options.prepared;
  const ignored = options.ignored ?? options.earlier?.input?.flags.ignorePreflightErrors;
  const unfinished = options.whole ?? options.earlier?.unfinished;
  const ledger: Ledger = {
    apiVersion: "slipway.dev/v1",
    kind: "Ledger",
    root: paths.root,
    kubernetesVersion: config.cluster.kubernetesVersion,
    nodeName: config.nodeName,
    input: describeInput(options.prepared.options, ignored),
    advertiseAddress: config.advertiseAddress,
    podSubnet: config.cluster.podSubnet,
    ...(options.earlier?.clusterUid === undefined ? {} : { clusterUid: options.earlier.clusterUid }),
    ...(config.cluster.externalEtcd === undefined ? { etcdDataDir: config.cluster.etcd.dataDir } : {}),
    runtime: options.prepared.options.runtime,
    ...(unfinished === true ? { unfinished } : {}),
    entries: [...(await observeEntries(system, { plan, earlier: options.earlier?.entries ?? [] }))],
  };
  await checkInsideRoot(system, ledger);
  if (options.changed) await writeLedger(system, { paths, ledger, configText: options.prepared.configText });
  return ledger;
}

/** Notes that a whole init has come to its end, and by what the cluster is known again that it has talked to. */
export async function finishLedger(
  system: System,
  options: {
    readonly prepared: PreparedInit;
    readonly clients: ApiClients;
    readonly ledger: Ledger;
    readonly changed: boolean;
    readonly whole?: true;
  },
): Promise<void> {
  const { prepared, clients, whole = false } = options;
  const changed = options.changed && whole;
  // The wait for the API server may have taken other data for this cluster's meanwhile.
  const ledger = (await readLedger(system, prepared.paths)) ?? options.ledger;
  const { unfinished, ...finished } = ledger;
  const hasTalked = prepared.plan.steps.some(({ kind }) => kind === "api-object");
  const found = hasTalked ? await readClusterUid(await clients.get(prepared.apiKubeconfigPath)) : undefined;
  const clusterUid = found ?? ledger.clusterUid;
  if (!changed && clusterUid === ledger.clusterUid) return;
  await writeLedger(system, {
    paths: prepared.paths,
    ledger: {
      ...finished,
      ...(unfinished === true && !whole ? { unfinished } : {}),
      ...(clusterUid === undefined ? {} : { clusterUid }),
    },
  });
}
