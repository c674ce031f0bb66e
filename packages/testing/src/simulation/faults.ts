import { HappenError } from '@happen/core';

/** A trouble that comes and goes: how often, and for how long. */
export interface Spells {
  /** Milliseconds of virtual time between the end of one and the next, on average. */
  readonly everyMs: number;
  /** How long each lasts, in milliseconds: a number, or the bounds between which it is drawn. */
  readonly forMs: number | readonly [min: number, max: number];
}

/** What goes wrong while a simulation is in its first phase. `false` or 0 switches a fault off. */
export interface Faults {
  /** Milliseconds each frame is on its way. @default [0, 20] */
  readonly delayMs?: number | readonly [min: number, max: number] | false;
  /** How likely (0 to 1) later frames pass a frame. @default 0.05 */
  readonly reorder?: number | false;
  /** How likely a frame arrives twice. @default 0.05 */
  readonly duplicate?: number | false;
  /** How likely a frame is lost. @default 0.02 */
  readonly drop?: number | false;
  /** Some spaces and the others hear nothing of each other, or one side nothing of the other, and nobody is told. @default { everyMs: 1_000, forMs: [20, 500] } */
  readonly cuts?: Spells | false;
  /** A space loses its connection, and is told. @default { everyMs: 2_000, forMs: [20, 500] } */
  readonly disconnects?: Spells | false;
  /**
   * A space that was made with `crashes: true` is gone, with all it had in memory, and comes back as `build` makes it. Half
   * of the crashes come just before a frame leaves. @default { everyMs: 1_000, forMs: [20, 500] }
   */
  readonly crashes?: Spells | false;
  /** By how many milliseconds the clock of a space may be ahead of the true time, or behind. @default 50 */
  readonly skewMs?: number | false;
  /** Whether what is due at one moment in different spaces is taken in any order, not in that of its making. @default true */
  readonly ties?: boolean;
}

/** One kind of fault. */
export type FaultKind = keyof Faults;

/** The kinds of fault, in the order in which a failing run is tried without them: the rarest in practice first. */
const faultKinds: readonly FaultKind[] = [
  'crashes',
  'disconnects',
  'cuts',
  'skewMs',
  'duplicate',
  'reorder',
  'drop',
  'delayMs',
  'ties',
];

/** Faults with every default filled in. */
export type FaultSettings = Required<Faults>;

const defaults: FaultSettings = Object.freeze({
  delayMs: [0, 20] as const,
  reorder: 0.05,
  duplicate: 0.05,
  drop: 0.02,
  cuts: { everyMs: 1_000, forMs: [20, 500] as const },
  disconnects: { everyMs: 2_000, forMs: [20, 500] as const },
  crashes: { everyMs: 1_000, forMs: [20, 500] as const },
  skewMs: 50,
  ties: true,
});

const none: FaultSettings = Object.freeze({
  delayMs: false,
  reorder: false,
  duplicate: false,
  drop: false,
  cuts: false,
  disconnects: false,
  crashes: false,
  skewMs: false,
  ties: false,
});

/** @throws HappenError `HAPPEN_INVALID_OPTION` with `details.path` */
export function faultSettings(faults: Faults | false = {}): FaultSettings {
  if (faults === false) return none;
  for (const [kind, value] of Object.entries(faults)) check(kind, value);
  return { ...defaults, ...faults };
}

/** The same faults but for one kind. Every kind has draws of its own, so the others stay where they are. */
export function withoutKind(faults: FaultSettings, kind: FaultKind): FaultSettings {
  return { ...faults, [kind]: false };
}

/** The kinds that are switched on. */
export function activeKinds(faults: FaultSettings): FaultKind[] {
  return faultKinds.filter((kind) => faults[kind] !== false && faults[kind] !== 0);
}

/** The least and the most of a range that may be given as one number. */
export function bounds(range: number | readonly [min: number, max: number]): readonly [min: number, max: number] {
  return typeof range === 'number' ? [range, range] : range;
}

function check(kind: string, value: unknown): void {
  if (!Object.hasOwn(defaults, kind)) throw invalid(`faults.${kind}`, `one of ${faultKinds.join(', ')}`, 'unknown');
  if (value === false) return;
  switch (kind as FaultKind) {
    case 'reorder':
    case 'duplicate':
    case 'drop':
      if (!(typeof value === 'number' && value >= 0 && value <= 1)) throw invalid(`faults.${kind}`, '0 to 1', value);
      return;
    case 'delayMs':
      if (!isRange(value)) throw invalid('faults.delayMs', 'milliseconds or [min, max] of them', value);
      return;
    case 'skewMs':
      if (!isDuration(value)) throw invalid('faults.skewMs', 'milliseconds, 0 or more', value);
      return;
    case 'ties':
      if (value !== true) throw invalid('faults.ties', 'true or false', value);
      return;
    case 'cuts':
    case 'disconnects':
    case 'crashes': {
      const { everyMs, forMs, ...others } = (value ?? {}) as Partial<Spells>;
      const [other] = Object.keys(others);
      if (other !== undefined) throw invalid(`faults.${kind}.${other}`, 'everyMs or forMs', 'unknown');
      if (!isDuration(everyMs) || everyMs === 0) throw invalid(`faults.${kind}.everyMs`, 'more than 0 ms', everyMs);
      if (!isRange(forMs)) throw invalid(`faults.${kind}.forMs`, 'milliseconds or [min, max] of them', forMs);
    }
  }
}

function isRange(value: unknown): boolean {
  const [min, max, ...more] = Array.isArray(value) ? (value as unknown[]) : [value, value];
  return more.length === 0 && isDuration(min) && isDuration(max) && min <= max;
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** An option of `simulate` that cannot be. */
export function invalid(path: string, expected: string, found: unknown): HappenError {
  return new HappenError(
    'HAPPEN_INVALID_OPTION',
    `simulate: \`${path}\` must be ${expected}, but is ${String(found)}.`,
    {
      details: { path, expected },
    },
  );
}
