import { HappenError } from '../errors/happen-error.js';
import type { Clock } from '../ports/clock.js';

/** How a hub behaves. Without options it is a perfect network: ordered, nothing lost, nothing twice, no delay. */
export interface MemoryHubOptions {
  /**
   * Decides every draw of the faults below; any integer. The same seed, calls and (virtual) clock give the same run.
   *
   * @default 1
   */
  readonly seed?: number;
  /**
   * Milliseconds each frame is on its way, or the bounds between which each is drawn. Frames between two spaces keep their
   * order all the same, unless `reorder` says otherwise.
   *
   * @default 0
   */
  readonly delayMs?: number | readonly [min: number, max: number];
  /**
   * How likely (0 to 1) a frame is held back for 1 to 10 ms more while later ones pass it.
   *
   * @default 0
   */
  readonly reorder?: number;
  /**
   * How likely (0 to 1) a frame is handed over a second time, 1 to 10 ms after the first.
   *
   * @default 0
   */
  readonly duplicate?: number;
  /**
   * How likely (0 to 1) a frame is lost on its way to one receiver.
   *
   * @default 0
   */
  readonly drop?: number;
  /** Measures the delays. @default the clock of the space that publishes */
  readonly clock?: Clock;
  /**
   * The longest frame taken, in bytes: 1 to 67 108 864. Less than the 1 024 that every transport should take is for tests.
   *
   * @default 1_048_576
   */
  readonly maxFrameBytes?: number;
}

/** Options with every default filled in. */
export interface HubSettings {
  readonly seed: number;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  readonly reorder: number;
  readonly duplicate: number;
  readonly drop: number;
  readonly clock: Clock | undefined;
  readonly maxFrameBytes: number;
  /** Whether every frame arrives at once, in order and just once, so that no draw is needed. */
  readonly faultless: boolean;
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws HappenError `HAPPEN_INVALID_OPTION` with `details.path`
 */
export function hubSettings(options: MemoryHubOptions): HubSettings {
  for (const key of Object.keys(options)) {
    if (!known.has(key)) throw invalid(key, `one of ${[...known].join(', ')}`, 'an unknown option');
  }
  const { seed = 1, delayMs = 0, reorder = 0, duplicate = 0, drop = 0, clock, maxFrameBytes = 1_048_576 } = options;
  if (!Number.isSafeInteger(seed)) throw invalid('seed', 'an integer', seed);
  const [minDelayMs, maxDelayMs] = delayBounds(delayMs);
  for (const [path, value] of Object.entries({ reorder, duplicate, drop })) {
    if (!(typeof value === 'number' && value >= 0 && value <= 1)) throw invalid(path, 'a number from 0 to 1', value);
  }
  if (!(Number.isSafeInteger(maxFrameBytes) && maxFrameBytes > 0 && maxFrameBytes <= 67_108_864)) {
    throw invalid('maxFrameBytes', 'a whole number of bytes from 1 to 67 108 864', maxFrameBytes);
  }
  const faultless = maxDelayMs === 0 && reorder === 0 && duplicate === 0 && drop === 0;
  return { seed, minDelayMs, maxDelayMs, reorder, duplicate, drop, clock, maxFrameBytes, faultless };
}

const known = new Set(['seed', 'delayMs', 'reorder', 'duplicate', 'drop', 'clock', 'maxFrameBytes']);

function delayBounds(delayMs: number | readonly [number, number]): readonly [number, number] {
  const bounds: readonly unknown[] = Array.isArray(delayMs) ? delayMs : [delayMs, delayMs];
  const [min, max] = bounds;
  if (bounds.length === 2 && isDelay(min) && isDelay(max) && min <= max) return [min, max];
  throw invalid('delayMs', 'milliseconds (0 or more), or [min, max] of them', delayMs);
}

function isDelay(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function invalid(path: string, expected: string, found: unknown): HappenError {
  return new HappenError(
    'HAPPEN_INVALID_OPTION',
    `memoryHub: \`${path}\` must be ${expected}, but is ${String(found)}.`,
    {
      details: { path, expected },
    },
  );
}
