/** The curve of Ed25519 (RFC 8032 §5.1) in plain arithmetic, slow and by itself: what tests compare with. */

const prime = 2n ** 255n - 19n;
export const order = 2n ** 252n + 27742317777372353535851937790883648493n;

const mod = (value: bigint): bigint => ((value % prime) + prime) % prime;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let left = exponent, square = mod(base); left > 0n; left >>= 1n, square = mod(square * square))
    if ((left & 1n) === 1n) result = mod(result * square);
  return result;
}

const inverse = (value: bigint): bigint => power(value, prime - 2n);
const d = mod(-121665n * inverse(121666n));

export interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

const neutral: Point = { x: 0n, y: 1n };

function add(one: Point, other: Point): Point {
  const product = mod(d * one.x * other.x * one.y * other.y);
  return {
    x: mod((one.x * other.y + other.x * one.y) * inverse(1n + product)),
    y: mod((one.y * other.y + one.x * other.x) * inverse(1n - product)),
  };
}

function times(point: Point, factor: bigint): Point {
  let result = neutral;
  for (let left = factor, doubled = point; left > 0n; left >>= 1n, doubled = add(doubled, doubled))
    if ((left & 1n) === 1n) result = add(result, doubled);
  return result;
}

/** The point of a coordinate, if there is one. */
function pointOf(y: bigint, odd: boolean): Point | undefined {
  const square = mod((y * y - 1n) * inverse(d * y * y + 1n));
  let x = power(square, (prime + 3n) / 8n);
  if (mod(x * x - square) !== 0n) x = mod(x * power(2n, (prime - 1n) / 4n));
  if (mod(x * x - square) !== 0n) return undefined;
  return { x: (x & 1n) === (odd ? 1n : 0n) ? x : mod(-x), y };
}

/** How many times a point must be added to itself to come to nothing, if that is at most eight. */
export function smallOrderOf(point: Point): number | undefined {
  return [1, 2, 4, 8].find((factor) => {
    const { x, y } = times(point, BigInt(factor));
    return x === 0n && y === 1n;
  });
}

/** The eight points of small order: multiples of what is left of a point once its large part is multiplied away. */
export function smallOrderPoints(): Point[] {
  for (let y = 2n; ; y++) {
    const point = pointOf(y, false);
    const rest = point === undefined ? undefined : times(point, order);
    if (rest === undefined || smallOrderOf(rest) !== 8) continue;
    return Array.from({ length: 8 }, (_, index) => times(rest, BigInt(index)));
  }
}

/** A coordinate and a sign as bytes, whether or not they are the one form. */
export function written(y: bigint, odd: boolean): Uint8Array {
  return littleEndian(y | (odd ? 2n ** 255n : 0n));
}

export function encoded({ x, y }: Point): Uint8Array {
  return written(y, (x & 1n) === 1n);
}

export function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(index * 8)) & 0xffn));
}

export function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((number, byte) => number * 256n + BigInt(byte), 0n);
}

export { prime };
