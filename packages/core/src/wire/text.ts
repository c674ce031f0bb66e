/** The part of the platform's `TextDecoder` used here. */
declare const TextDecoder: new (
  label: string,
  options: { ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

const textDecoder = /* @__PURE__ */ new TextDecoder('utf-8', { ignoreBOM: true });

/** Up to this many bytes a loop is faster than crossing into the platform's decoder. */
const shortText = 20;

/** The text of bytes that are known to be valid UTF-8. */
export function readText(bytes: Uint8Array, start: number, end: number): string {
  return (
    (end - start <= shortText ? readAscii(bytes, start, end) : undefined) ??
    textDecoder.decode(bytes.subarray(start, end))
  );
}

function readAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  let at = start;
  // Four at a time: each call and each joining of strings costs as much as several characters.
  for (; at + 4 <= end; at += 4) {
    const one = bytes[at] as number;
    const two = bytes[at + 1] as number;
    const three = bytes[at + 2] as number;
    const four = bytes[at + 3] as number;
    if ((one | two | three | four) > 0x7f) return undefined;
    text += String.fromCharCode(one, two, three, four);
  }
  for (; at < end; at++) {
    const one = bytes[at] as number;
    if (one > 0x7f) return undefined;
    text += String.fromCharCode(one);
  }
  return text;
}
