/** The third byte of a frame: the version of everything in it. */
export const frameVersion = 1;

/**
 * How a frame begins: two bytes of magic, of which the first is one that no MessagePack value and no UTF-8 text begins
 * with, the version, and a byte of flags.
 */
export const header = /* @__PURE__ */ new Uint8Array([0xc1, 0x48, frameVersion, 0]);

export const headerBytes = 4;
export const flagsAt = 3;

/** The one flag of version 1: behind the frame's value stand a seal and a signature. */
export const signedFlag = 1;

/** Whether bytes begin as every frame does, whatever its version. */
export function isFrame(bytes: Uint8Array): boolean {
  return bytes[0] === header[0] && bytes[1] === header[1];
}

/** Whether bytes begin as a frame of this version with just these flags does. */
export function flagged(bytes: Uint8Array, flags: number): boolean {
  return isFrame(bytes) && bytes[2] === frameVersion && bytes[flagsAt] === flags;
}
