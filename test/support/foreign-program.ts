/** The head of an ELF program for ARM where this machine is none, and the other way round. Source: elf(5). */
export const FOREIGN_PROGRAM = Buffer.concat([
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0]),
  Buffer.from([process.arch === "arm64" ? 62 : 183, 0]),
  Buffer.alloc(4096),
]);
