/** The worlds core's talking suite runs in here: two spaces that reach each other through a NATS server. */
import { defineTransport, type JoinableTransport } from '@happen/core';
// Core's suite is no part of its package, so it is imported as what it is: files of this repository.
import { type OpenWorld, spacesOver, turn, type WorldSettings } from '../../../core/test/talking/worlds.js';

let worlds = 0;

/** Nodes by turns in two spaces at one server. */
export function twoSpacesAt(make: (space: string) => JoinableTransport, settings: WorldSettings): OpenWorld {
  return async (request = {}) => {
    const space = `world-${++worlds}`;
    const inner = [make(space), make(space)];
    const meeting = new Meeting(inner);
    const world = await spacesOver(
      inner.map((transport) => meeting.attend(transport)),
      settings,
      request,
    );
    const { clock } = request;
    if (clock !== undefined) {
      // Frames take real time, of which a clock that stands still knows nothing: between any two moments they get theirs.
      const advance = clock.advance.bind(clock);
      clock.advance = async (ms) => {
        await meeting.settle();
        for (let left = ms; left >= 0; ) {
          const step = Math.min(clock.pending()[0]?.inMs ?? left, left);
          await advance(step);
          await meeting.settle();
          left = step === left ? -1 : left - step;
        }
      };
    }
    return world;
  };
}

/**
 * Clauses send to a node as soon as it is made, which holds in one process: here whoever publishes waits until the server has
 * heard of everything that was attached, or closed, before.
 */
class Meeting {
  readonly #transports: readonly JoinableTransport[];
  #heard: Promise<unknown> | undefined;
  #isNews = false;

  constructor(transports: readonly JoinableTransport[]) {
    this.#transports = transports;
  }

  attend(inner: JoinableTransport): JoinableTransport {
    const news = <T>(attached: T): T => {
      this.#isNews = true;
      return attached;
    };
    return defineTransport({
      name: inner.name,
      supports: inner.supports,
      start: (host) => inner.start(host),
      stop: () => this.#meet()?.then(() => inner.stop()) ?? inner.stop(),
      attach: (address, receive, node) => {
        const attachment = news(inner.attach(address, receive, node));
        return { close: () => news(attachment.close()) };
      },
      listen: (group, patterns, receive) => {
        const listener = news(inner.listen(group, patterns, receive));
        return { close: () => news(listener.close()), update: (wanted) => news(listener.update(wanted)) };
      },
      publish: (to, frame) => {
        const heard = this.#meet();
        return heard === undefined ? inner.publish(to, frame) : heard.then(() => inner.publish(to, frame));
      },
    });
  }

  /** Lets what is on its way arrive, and what that brings about as well. */
  async settle(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      await turn();
      await this.#flush();
    }
    await turn();
  }

  /** In the order in which they come: whoever comes later waits for the same, or for more. */
  #meet(): Promise<unknown> | undefined {
    if (this.#isNews) {
      this.#isNews = false;
      const heard = Promise.all([this.#heard, this.#flush()]).then(() => {
        if (this.#heard === heard) this.#heard = undefined;
      });
      this.#heard = heard;
    }
    return this.#heard;
  }

  async #flush(): Promise<void> {
    await Promise.all(
      this.#transports.map(async (transport) => {
        try {
          const listener = transport.listen('the meeting', [], () => {});
          await listener.update([]);
          listener.close();
        } catch {
          // One that is closed has nothing to say.
        }
      }),
    );
  }
}
