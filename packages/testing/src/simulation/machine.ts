import {
  type Clock,
  defineExtension,
  defineTransport,
  type Extension,
  HappenError,
  type HappenEvent,
  initializeHappen,
  type JoinableTransport,
  type Logger,
  type MemoryHub,
  runtimeCrypto,
  type Space,
} from '@happen/core';
import { nextTurn } from '../clock/next-turn.js';
import type { SeededRandom } from '../random/seeded-random.js';
import type { EventLog } from './event-log.js';
import { invalid } from './faults.js';
import { checkSum, type FrameWitness, LoggedTransport, nameOf } from './logged-transport.js';
import type { Owner, Schedule } from './schedule.js';
import type { SpaceTools } from './world.js';

/** What a machine stands on. */
export interface Ground {
  readonly schedule: Schedule;
  readonly log: EventLog;
  readonly network: Pick<MemoryHub, 'transport' | 'disconnect'>;
}

/**
 * One life of a simulated space: from a `build` to a crash or to the end of the run.
 *
 * 1. A dead machine does nothing that others could see: its timers are silenced, its frames are dropped, and the network
 *    tells it nothing.
 * 2. All it has of time and chance comes from the schedule and from its own source.
 */
export class Machine {
  readonly name: string;
  readonly transport: JoinableTransport;
  readonly tools: SpaceTools;
  readonly #ground: Ground;
  readonly #owner: Owner;
  #space: Space | undefined;
  #crashesBeforeNextFrame = false;
  #isDiscarded = false;
  readonly #waiting = new Set<string>();

  constructor(ground: Ground, name: string, random: SeededRandom, skewMs: number, restarts: number) {
    this.name = name;
    this.#ground = ground;
    this.#owner = { name, silenced: false };
    this.transport = ground.network.transport();
    const clock = ground.schedule.clockOf(this.#owner, skewMs);
    const bytes = random.fork();
    // The space's own timers still run when it is discarded, at once; those of the user do not.
    const inner: Clock = {
      now: clock.now,
      setTimer: (delayMs, callback, background) => {
        if (this.#isDiscarded) void Promise.resolve().then(callback);
        return clock.setTimer(delayMs, callback, background);
      },
    };
    const open = (config: Record<string, unknown> = {}): Space => this.#open(config, inner, bytes);
    this.tools = Object.freeze({
      // The types say of each space what its config says; inside, it is any space.
      open: open as unknown as typeof initializeHappen,
      clock,
      sleep: (ms: number) => new Promise<void>((resolve) => void clock.setTimer(ms, resolve)),
      random: random.fork(),
      restarts,
    });
  }

  /** The space, once it was opened. */
  get space(): Space | undefined {
    return this.#space;
  }

  get isDead(): boolean {
    return this.#owner.silenced;
  }

  /** Ends it at once, and says so. */
  crash(how: string): void {
    if (this.isDead) return;
    this.#ground.log.write(this.name, `crashes${how}`);
    this.end();
  }

  /** Ends it at once. */
  end(): void {
    if (this.isDead) return;
    this.#owner.silenced = true;
    this.#ground.network.disconnect(this.transport);
  }

  /** Ends it when its next frame would leave. */
  crashBeforeNextFrame(): void {
    this.#crashesBeforeNextFrame = true;
  }

  /**
   * Has the space let go of what the runtime keeps for it. What waits in it is told that all is over, which nobody sees any
   * more; so it is done when the run has ended.
   */
  async discard(): Promise<void> {
    this.end();
    this.#isDiscarded = true;
    let closed = this.#space === undefined;
    const ended = (): void => {
      closed = true;
    };
    this.#space?.close({ timeout: 0 }).then(ended, ended);
    for (let turns = 0; !closed && turns < 100; turns++) await nextTurn();
  }

  /** Takes `crashBeforeNextFrame` back. */
  spare(): void {
    this.#crashesBeforeNextFrame = false;
  }

  /** What is sent and has neither arrived nor been answered, in words. */
  waiting(): string[] {
    return this.isDead ? [] : [...this.#waiting].map((what) => `${this.name}: an answer to ${what}`);
  }

  /** Which nodes have something to do, in words. */
  busyNodes(): string[] {
    if (this.isDead || this.#space === undefined) return [];
    return Object.entries(this.#space.metrics().queues).flatMap(([id, { running, waiting }]) => {
      return running + waiting === 0 ? [] : [`${this.name}: node ${id} has ${running} running and ${waiting} waiting`];
    });
  }

  #open(config: Record<string, unknown>, clock: SpaceTools['clock'], random: SeededRandom): Space {
    if (this.#space !== undefined) {
      throw new HappenError(
        'HAPPEN_INVALID_OPTION',
        `"${this.name}" has been opened already; one build opens one space.`,
      );
    }
    for (const key of ['clock', 'crypto', 'transport']) {
      if (config[key] !== undefined) throw invalid(`open({ ${key} })`, 'left to the simulation', 'given');
    }
    const { extensions = [], logger = this.#logger() } = config as { extensions?: Extension[]; logger?: Logger };
    const space = initializeHappen({
      ...config,
      clock,
      crypto: { ...runtimeCrypto, randomBytes: (length) => random.bytes(length) },
      transport: defineTransport(new LoggedTransport(this.transport, this.#witness())),
      extensions: [...extensions, this.#recorder()],
      logger,
    });
    space.on('node.error', ({ payload: { nodeId, code, message } }) => {
      this.#write(`node ${nodeId} failed: ${code}: ${message}`);
    });
    this.#space = space as unknown as Space;
    return this.#space;
  }

  /** @returns whether there is still somebody to whom it matters */
  #write(what: string): boolean {
    if (this.isDead) return false;
    this.#ground.log.write(this.name, what);
    return true;
  }

  #witness(): FrameWitness {
    return {
      leaves: (to, frame) => {
        if (this.#crashesBeforeNextFrame) this.crash(` before a frame to ${nameOf(to)} leaves`);
        return this.#write(`frame ${checkSum(frame)} to ${nameOf(to)}, ${frame.byteLength} bytes`);
      },
      arrives: (at, frame) => this.#write(`frame ${checkSum(frame)} arrives for ${at}`),
      undeliverable: (to) => this.#write(`nobody is there for ${nameOf(to)}`),
      status: (status, reason) => this.#write(reason === undefined ? status : `${status}: ${reason}`),
    };
  }

  #recorder(): Extension {
    return defineExtension({
      name: 'happen-simulation',
      install: () => ({
        flow: ({ node, handled }) => {
          const { type, context } = (Array.isArray(handled) ? handled[0] : handled) as HappenEvent;
          const what = `${type} (${tail(context.causal.id)})`;
          this.#write(`${node} handles ${what}`);
          return {
            ended: ({ error }) => void (error && this.#write(`${node} fails to handle ${what}: ${describe(error)}`)),
          };
        },
        emission: ({ sender, target, type }) => {
          const whats: string[] = [];
          return {
            stamped: (events) => {
              for (const { context } of events) {
                const { id, causationId } = context.causal;
                const what = `${type} (${tail(id)})`;
                whats.push(what);
                const cause = causationId === undefined ? '' : `, because of (${tail(causationId)})`;
                this.#write(`${sender} → ${target ?? 'everyone'}: ${what}${cause}`);
                this.#waiting.add(what);
              }
            },
            ended: ({ asked, error }) => {
              for (const what of whats) this.#waiting.delete(what);
              const what = whats.join(', ') || type;
              if (error !== undefined)
                this.#write(`${sender} → ${target ?? 'everyone'}: ${what} fails: ${describe(error)}`);
              else if (asked) this.#write(`${sender} has its answer to ${what}`);
            },
          };
        },
      }),
    });
  }

  #logger(): Logger {
    const write = (level: string) => (details: object, message: string) => {
      const { err } = details as { err?: unknown };
      this.#write(`${level}: ${message}${err instanceof Error ? `: ${err.message}` : ''}`);
    };
    return { debug: () => {}, info: write('info'), warn: write('warn'), error: write('error') };
  }
}

/** The end of an id, which tells it from others; its beginning is the time. */
function tail(id: string): string {
  return id.slice(-8);
}

function describe({ code, message, cause }: HappenError): string {
  return cause instanceof Error ? `${code}: ${cause.message}` : `${code}: ${message}`;
}
