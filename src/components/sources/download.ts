import { join } from "node:path";
import { messageOf } from "../../core/errors.ts";
import type { System } from "../../system/system.ts";
import { type CachedBinary, type CacheKey, findCached, installIntoCache, makeEntryDir } from "../cache.ts";
import { withCacheLocks } from "../cache-lock.ts";
import { selectReleaseVersion } from "../component-version.ts";
import { hashFile } from "../hash-file.ts";
import type { BinaryName, ComponentProgress } from "../types.ts";
import { withWorkDir } from "../work-dir.ts";
import { describeCorruptDownload, describeNetworkError } from "./download-failure.ts";
import { downloadFile, downloadText } from "./download-file.ts";
import { openFollowing } from "./follow-redirects.ts";
import { parseSum, type ReleaseFile, selectReleaseFile } from "./release-file.ts";

/** A machine with no network must not wait longer than this to learn it. */
const REACH_TIMEOUT_MS = 3000;

/** What is to be downloaded, and who is told. */
export interface DownloadOrder {
  readonly kubernetesVersion: string;
  readonly names: readonly BinaryName[];
  /** `--component-mirror` */
  readonly mirror: string | undefined;
  readonly onProgress: (progress: ComponentProgress) => void;
  readonly onNote: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Downloads release binaries into the cache, one after the other, each checked against its SHA-256. A download that
 * was cut, in this run or an earlier one, goes on where it stopped.
 * Raises SLIPWAY_DOWNLOAD_FAILED, SLIPWAY_COMPONENT_CORRUPT, SLIPWAY_NO_SPACE, SLIPWAY_FILE_ACCESS; rejects with the
 * signal's reason.
 */
export async function downloadComponents(
  system: System,
  order: DownloadOrder,
): Promise<readonly CachedBinary[]> {
  const downloaded: CachedBinary[] = [];
  for (const name of order.names) {
    const key = { name, version: selectReleaseVersion(name, order.kubernetesVersion) };
    const work = async (): Promise<CachedBinary> =>
      (await findCached(system, key)) ?? (await downloadOne(system, { key, order }));
    downloaded.push(await withCacheLocks(system, { ...order, keys: [key], work }));
  }
  return downloaded;
}

/** Why the place of a program does not answer; undefined when it does, whatever it answers. Takes 3 s at most. */
export async function probeRelease(
  system: System,
  options: Pick<DownloadOrder, "kubernetesVersion" | "mirror" | "signal"> & { readonly name: BinaryName },
): Promise<string | undefined> {
  const version = selectReleaseVersion(options.name, options.kubernetesVersion);
  const { architecture } = system.host;
  const { sumUrl } = selectReleaseFile({ ...options, version, architecture });
  try {
    const { stream } = await openFollowing(system, {
      url: sumUrl,
      timeoutMs: REACH_TIMEOUT_MS,
      signal: options.signal,
    });
    stream.destroy();
    return undefined;
  } catch (error) {
    return `${new URL(sumUrl).host}: ${describeNetworkError(error)}`;
  }
}

async function downloadOne(
  system: System,
  options: { readonly key: CacheKey; readonly order: DownloadOrder },
): Promise<CachedBinary> {
  const { key, order } = options;
  const { architecture } = system.host;
  const file = selectReleaseFile({ ...key, architecture, mirror: order.mirror });
  const sum = parseSum(await downloadText(system, { url: file.sumUrl, signal: order.signal }), file.sumName);
  if (sum === undefined) throw describeCorruptDownload({ url: file.sumUrl, why: "it holds no SHA-256 sum" });
  const path = join(await makeEntryDir(system, key), PARTIAL_FILE);
  await downloadChecked(system, { key, order, file, sum, path });
  if (file.archiveMember === undefined)
    return installIntoCache(system, { key, fromPath: path, origin: "download" });
  const member = file.archiveMember;
  const installed = await withWorkDir(system, async (dir) => {
    await extract({ archivePath: path, member, dir, url: file.url });
    return installIntoCache(system, { key, fromPath: join(dir, key.name), origin: "download" });
  });
  await system.fs.removeFile(path);
  return installed;
}

/** In a cache entry's directory: what has come of a download. */
const PARTIAL_FILE = ".partial";

/** A wrong sum after going on with an old beginning may be that beginning's fault: then once more from the start. */
async function downloadChecked(
  system: System,
  options: {
    readonly key: CacheKey;
    readonly order: DownloadOrder;
    readonly file: ReleaseFile;
    readonly sum: string;
    readonly path: string;
  },
): Promise<void> {
  const { key, order, file, sum, path } = options;
  const resumed = (await system.fs.stat(path)) !== undefined;
  await downloadFile(system, {
    url: file.url,
    path,
    signal: order.signal,
    onFraction: everyPercent((fraction) =>
      order.onProgress({ component: key.name, activity: `downloading ${key.name} ${key.version}`, fraction }),
    ),
  });
  const found = await hashFile(system, path);
  if (found === sum) return;
  await system.fs.removeFile(path);
  if (!resumed) throw describeCorruptDownload({ url: file.url, why: `its SHA-256 is ${found}, not ${sum}` });
  await downloadChecked(system, options);
}

async function extract(options: {
  readonly archivePath: string;
  readonly member: string;
  readonly dir: string;
  readonly url: string;
}): Promise<void> {
  const { archivePath, member, dir, url } = options;
  const tar = await import("tar");
  const strip = member.split("/").length - 1;
  const extracted: string[] = [];
  try {
    await tar.extract(
      {
        file: archivePath,
        cwd: dir,
        strip,
        strict: true,
        onReadEntry: (entry) => extracted.push(entry.type),
      },
      [member],
    );
  } catch (error) {
    throw describeCorruptDownload({ url, why: messageOf(error) });
  }
  if (extracted[0] !== "File") throw describeCorruptDownload({ url, why: `it holds no ${member}` });
}

function everyPercent(report: (fraction: number | undefined) => void): typeof report {
  let last: number | undefined;
  return (fraction) => {
    const percent = fraction === undefined ? -1 : Math.floor(fraction * 100);
    if (percent !== last) report(fraction);
    last = percent;
  };
}
