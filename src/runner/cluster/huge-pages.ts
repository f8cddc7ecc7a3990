import { systemErrorCode } from "../../core/errors.ts";
import type { HugePages } from "../../pod/resource-amounts.ts";
import type { System } from "../../system/system.ts";
import { formatKiB } from "./format-kib.ts";

const DIR = "/sys/kernel/mm/hugepages";

/**
 * The bytes that the kernel has in huge pages of each size it knows, none of a size included; nothing where it has no
 * huge pages. Source: cadvisor utils/sysinfo GetHugePagesInfo; kubelet cadvisor/util.go CapacityFromMachineInfo.
 */
export async function readHugePages(system: Pick<System, "fs">): Promise<HugePages> {
  const pages = await Promise.all((await listSizes(system)).map((size) => readSize(system, size)));
  return Object.fromEntries(pages);
}

async function listSizes({ fs }: Pick<System, "fs">): Promise<readonly string[]> {
  try {
    return (await fs.list(DIR)).filter((name) => SIZE.test(name));
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return [];
  }
}

const SIZE = /^hugepages-(\d+)kB$/;

async function readSize(
  { fs }: Pick<System, "fs">,
  name: string,
): Promise<readonly [keyof HugePages, number]> {
  const kib = Number(SIZE.exec(name)?.[1]);
  const count = Number(await fs.readTextIfExists(`${DIR}/${name}/nr_hugepages`));
  return [`hugepages-${formatKiB(kib)}`, (count || 0) * kib * 1024];
}
