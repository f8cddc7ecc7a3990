import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isObject } from "../core/json.ts";

/** The directory that holds package.json, templates/ and bin/ of this program. */
export function findPackageRoot(): string {
  let dir = import.meta.dirname;
  while (!existsSync(join(dir, "package.json"))) {
    if (dirname(dir) === dir) throw new Error(`no package.json above ${import.meta.dirname}`);
    dir = dirname(dir);
  }
  return dir;
}

/** This program's own version, from its package.json. */
export function readOwnVersion(): string {
  const value: unknown = JSON.parse(readFileSync(join(findPackageRoot(), "package.json"), "utf8"));
  return isObject(value) ? String(value["version"]) : "unknown";
}
