import type { FileSystem } from "../../src/system/file-system.ts";

/** A file system that knows whether anything is under way. */
export interface CountedFileSystem {
  readonly fs: FileSystem;
  /** Resolves when no file operation is under way, and what waited for one has gone on without beginning another. */
  idle(): Promise<void>;
}

/** Counts the operations of a file system, so that a test with a virtual clock can wait for real files exactly. */
export function countOperations(real: FileSystem): CountedFileSystem {
  let underWay = 0;
  const fs = new Proxy(real, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        const result: unknown = Reflect.apply(member, target, args);
        if (!(result instanceof Promise)) return result;
        underWay += 1;
        return result.finally(() => {
          underWay -= 1;
        });
      };
    },
  });
  const idle = async (): Promise<void> => {
    for (let quietTurns = 0; quietTurns < 3; quietTurns = underWay === 0 ? quietTurns + 1 : 0)
      await new Promise((resolve) => setImmediate(resolve));
  };
  return { fs, idle };
}
