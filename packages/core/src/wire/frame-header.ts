/** The first two bytes of a frame. The first is the one byte that neither MessagePack nor UTF-8 text ever begins with. */
export const magic = [0xc1, 0x48] as const;

/** The third byte: the version of everything in the frame. */
export const frameVersion = 1;

/** Magic, version, and a byte of flags of which version 1 has none. */
export const headerBytes = 4;
