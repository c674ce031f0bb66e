/**
 * How long things took, in buckets: bounded memory, nothing allocated while recording.
 *
 * Buckets are logarithmic with eight linear parts for each doubling, as in HdrHistogram (hdrhistogram.org): from 1 µs to
 * 71 minutes each bucket is at most an eighth wider than its lower end.
 */

/** What a histogram knows, in milliseconds. All are 0 where nothing was recorded. */
export interface LatencySummary {
  /** How many were measured. */
  readonly count: number;
  readonly sum: number;
  /** The exact shortest and longest. */
  readonly min: number;
  readonly max: number;
  /**
   * The percentiles: so many per cent took at most this long. Never too low but for rounding below 1 µs, and too high by an
   * eighth at most; from 71 minutes on, `max`.
   */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
}

const bucketCount = 240;
const mostMicroseconds = 2 ** 32 - 1;

export class Histogram {
  // A 32-bit counter would overflow within the hour at a million a second.
  readonly #buckets = new Float64Array(bucketCount);
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  /** @param ms - how long it took; less than 0, as of a clock that was set back, counts as 0 */
  record(ms: number): void {
    const taken = ms > 0 ? ms : 0;
    const bucket = bucketOf(taken * 1000);
    this.#buckets[bucket] = (this.#buckets[bucket] as number) + 1;
    this.#count++;
    this.#sum += taken;
    if (taken < this.#min) this.#min = taken;
    if (taken > this.#max) this.#max = taken;
  }

  /** Takes over what another one has recorded. */
  add(other: Histogram): void {
    for (let i = 0; i < bucketCount; i++) {
      this.#buckets[i] = (this.#buckets[i] as number) + (other.#buckets[i] as number);
    }
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  summary(): LatencySummary {
    return {
      count: this.#count,
      sum: this.#sum,
      min: this.#count === 0 ? 0 : this.#min,
      max: this.#max,
      p50: this.#percentile(0.5),
      p90: this.#percentile(0.9),
      p99: this.#percentile(0.99),
      p999: this.#percentile(0.999),
    };
  }

  #percentile(share: number): number {
    const rank = Math.ceil(this.#count * share);
    let seen = 0;
    for (let bucket = 0; bucket < bucketCount - 1 && rank > 0; bucket++) {
      seen += this.#buckets[bucket] as number;
      if (seen >= rank) return Math.min(this.#max, Math.max(this.#min, upperEndOf(bucket) / 1000));
    }
    return this.#max;
  }
}

function bucketOf(microseconds: number): number {
  const whole = microseconds >= mostMicroseconds ? mostMicroseconds : Math.floor(microseconds);
  if (whole < 8) return whole;
  const exponent = 31 - Math.clz32(whole);
  return (exponent - 2) * 8 + ((whole >>> (exponent - 3)) & 7);
}

/** In microseconds, the first that is no longer in the bucket. */
function upperEndOf(bucket: number): number {
  if (bucket < 8) return bucket + 1;
  const exponent = Math.floor(bucket / 8) + 2;
  return 2 ** exponent + ((bucket % 8) + 1) * 2 ** (exponent - 3);
}
