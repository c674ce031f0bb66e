/** The part of the platform's `TextDecoder` used here. */
declare const TextDecoder: new (
  label: string,
  options: { ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

const textDecoder = /* @__PURE__ */ new TextDecoder('utf-8', { ignoreBOM: true });

/** Up to this many bytes a loop is faster than crossing into the platform's decoder. */
const shortText = 12;

/** The text of bytes that are known to be valid UTF-8. */
export function readText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= shortText) {
    let text = '';
    let at = start;
    for (; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte > 0x7f) break;
      text += String.fromCharCode(byte);
    }
    if (at === end) return text;
  }
  return textDecoder.decode(bytes.subarray(start, end));
}
