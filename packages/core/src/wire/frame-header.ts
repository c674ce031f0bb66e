/** The third byte of a frame: the version of everything in it. */
export const frameVersion = 1;

/**
 * How a frame begins: two bytes of magic, of which the first is one that no MessagePack value and no UTF-8 text begins
 * with, the version, and a byte of flags, of which version 1 has none.
 */
export const header = /* @__PURE__ */ new Uint8Array([0xc1, 0x48, frameVersion, 0]);

export const headerBytes = 4;

/** Whether bytes begin as every frame does, whatever its version. */
export function isFrame(bytes: Uint8Array): boolean {
  return bytes[0] === header[0] && bytes[1] === header[1];
}
