import { ABSENT, DONE, type StepHandler } from "../step-handler.ts";

/** A copy that belongs to another user and always says what its original says. */
export const copyFileHandler: StepHandler<"copy-file"> = {
  observe: async (system, { step }) => {
    const { from, path, owner } = step;
    const status = await system.fs.lstat(path);
    if (status === undefined) return ABSENT;
    const isOwned = status.kind === "file" && status.uid === owner.uid && status.gid === owner.gid;
    const isSame = (await system.fs.readText(path)) === (await system.fs.readTextIfExists(from));
    return isOwned && isSame ? DONE : { kind: "differs", what: `${path} is copied anew from ${from}` };
  },
  apply: async (system, { step }) => {
    const { from, path, owner } = step;
    await system.fs.writeAtomic(path, { data: await system.fs.readText(from), mode: 0o600, owner });
  },
};
