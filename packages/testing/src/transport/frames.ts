/** A frame that carries a number, padded to at least 16 bytes with what follows from the number. */
export function numbered(number: number, length = 16): Uint8Array {
  const frame = new Uint8Array(length).fill(number & 0xff);
  new DataView(frame.buffer).setUint32(0, number);
  return frame;
}

export function numberOf(frame: Uint8Array): number {
  if (frame.byteLength < 4) throw new Error(`a frame of ${frame.byteLength} bytes arrived that was never published`);
  return new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getUint32(0);
}
