import type { Address, TransportCapabilities, TransportHost } from '../ports/transport.js';
import { ListenerDirectory, type Members, NameDirectory } from '../routing/directory.js';
import { TurnQueue } from '../routing/turn-queue.js';
import type { DirectEndpoint, Endpoint, ListeningEndpoint } from './endpoint.js';
import type { HubSettings } from './hub-options.js';
import type { MemoryTransport } from './memory-transport.js';
import { RoughLink } from './rough-link.js';
import { type Draws, seededDraws } from './seeded-draws.js';

interface Consignment {
  readonly from: MemoryTransport;
  readonly host: TransportHost;
  readonly to: Address;
  /** The publisher's own array, to be given back if the frame can't be delivered. */
  readonly given: Uint8Array;
  readonly copy: Uint8Array;
}

/**
 * Where the frames of a hub change from sender to receiver.
 *
 * 1. A frame is copied when it is published, and again for each receiver but one, so that no two parties share memory.
 * 2. Whom it goes to is decided when it leaves the queue, and again on arrival if its receiver has gone meanwhile.
 * 3. Nothing is handed over inside `accept`, and nothing to the transport that published it.
 */
export class Junction {
  readonly supports: TransportCapabilities;
  readonly nodes = new NameDirectory<DirectEndpoint>();
  readonly instances = new NameDirectory<DirectEndpoint>();
  readonly listeners = new ListenerDirectory<ListeningEndpoint>();
  readonly counts = { published: 0, delivered: 0, dropped: 0, duplicated: 0, reordered: 0, undeliverable: 0 };
  /** Its own, since `calm` changes it for all links. */
  readonly #settings: { -readonly [setting in keyof HubSettings]: HubSettings[setting] };
  readonly #draw: Draws;
  readonly #queue = new TurnQueue<Consignment>((consignment) => this.#route(consignment));
  readonly #links = new WeakMap<MemoryTransport, WeakMap<MemoryTransport, RoughLink>>();
  #cuts: WeakMap<MemoryTransport, WeakSet<MemoryTransport>> | undefined;

  constructor(settings: HubSettings) {
    this.#settings = { ...settings };
    this.#draw = seededDraws(settings.seed);
    this.supports = Object.freeze({
      ordered: settings.reorder === 0,
      loss: settings.drop > 0 ? 'possible' : 'none',
      duplicates: settings.duplicate > 0 ? 'possible' : 'none',
      unreachable: true,
      maxFrameBytes: settings.maxFrameBytes,
    });
  }

  /** Takes a frame over; its owner may change it as soon as this returns. */
  accept(from: MemoryTransport, host: TransportHost, to: Address, frame: Uint8Array): void {
    this.counts.published++;
    // Not `slice`, which shares the memory when the frame is a Node Buffer.
    this.#queue.push({ from, host, to, given: frame, copy: new Uint8Array(frame) }, this.#settings.clock ?? host.clock);
  }

  /** Tells both sides of each pair of which one is exclusive; `newcomer` has not been added yet. */
  tellConflicts(nodeId: string, newcomer: DirectEndpoint): void {
    for (const resident of this.nodes.find(nodeId)?.list ?? []) {
      if (resident.owner === newcomer.owner || !(resident.exclusive || newcomer.exclusive)) continue;
      const [there, here] = [resident.owner.host, newcomer.owner.host];
      if (there === undefined || here === undefined) continue;
      there.conflict?.(nodeId, here.instance);
      here.conflict?.(nodeId, there.instance);
    }
  }

  /** Lets nothing through from the one to the other. */
  cut(from: MemoryTransport, to: MemoryTransport): void {
    this.#cuts ??= new WeakMap();
    const unreached = this.#cuts.get(from) ?? new WeakSet();
    this.#cuts.set(from, unreached.add(to));
  }

  heal(): void {
    this.#cuts = undefined;
  }

  calm(): void {
    this.heal();
    Object.assign(this.#settings, { drop: 0, duplicate: 0, reorder: 0 } satisfies Partial<HubSettings>);
  }

  #route(consignment: Consignment): void {
    const { from, to, copy } = consignment;
    if (to.kind !== 'broadcast') {
      this.#dispatch(consignment, this.#choose(from, this.#addressed(to)), copy);
      return;
    }
    const groups = this.listeners.find(to.type);
    const last = groups.length - 1;
    for (let index = 0; index <= last; index++) {
      this.#dispatch(consignment, this.#choose(from, groups[index]), index === last ? copy : copy.slice());
    }
  }

  #dispatch(consignment: Consignment, endpoint: Endpoint | undefined, frame: Uint8Array): void {
    if (this.#settings.faultless) {
      this.#arrive(consignment, endpoint, frame);
      return;
    }
    const { from, host } = consignment;
    const clock = this.#settings.clock ?? host.clock;
    if (endpoint === undefined) {
      // The news of it takes as long as a frame could.
      clock.setTimer(this.#settings.maxDelayMs, () => this.#arrive(consignment, undefined, frame));
    } else if (this.#isCut(from, endpoint.owner)) {
      this.counts.dropped++;
    } else {
      this.#link(from, endpoint.owner).send(clock, () => {
        const receiver = isThere(endpoint) ? endpoint : this.#replacement(consignment, endpoint);
        // A copy each time: it may arrive twice.
        this.#arrive(consignment, receiver, frame.slice());
      });
    }
  }

  #arrive(consignment: Consignment, endpoint: Endpoint | undefined, frame: Uint8Array): void {
    const { from, host, to, given } = consignment;
    if (endpoint === undefined) {
      if (to.kind === 'broadcast') return;
      this.counts.undeliverable++;
      // A stopped transport tells its host nothing more.
      if (from.host === host) guard(host, () => host.undeliverable(to, given));
    } else if (this.#isCut(from, endpoint.owner)) {
      this.counts.dropped++;
    } else {
      this.counts.delivered++;
      guard(endpoint.owner.host ?? host, () => endpoint.receive(frame));
    }
  }

  #addressed(to: Exclude<Address, { kind: 'broadcast' }>): Members<Endpoint> | undefined {
    return (to.kind === 'node' ? this.nodes : this.instances).find(to.id);
  }

  /** One that can be reached, in turns; one behind a cut if there are only such; `undefined` if there is none at all. */
  #choose(from: MemoryTransport, members: Members<Endpoint> | undefined): Endpoint | undefined {
    if (members === undefined) return undefined;
    const { list } = members;
    let unreached: Endpoint | undefined;
    for (let step = 0; step < list.length; step++) {
      const index = (members.turn + step) % list.length;
      const member = list[index] as Endpoint;
      if (member.owner === from || !isThere(member)) continue;
      if (this.#isCut(from, member.owner)) {
        unreached ??= member;
        continue;
      }
      members.turn = index + 1;
      return member;
    }
    return unreached;
  }

  /** Who takes a frame whose receiver has gone while it was on its way. */
  #replacement({ from, to }: Consignment, gone: Endpoint): Endpoint | undefined {
    if (to.kind !== 'broadcast') return this.#choose(from, this.#addressed(to));
    const { group } = gone as ListeningEndpoint;
    return this.#choose(
      from,
      this.listeners.find(to.type).find(({ list }) => list[0]?.group === group),
    );
  }

  #isCut(from: MemoryTransport, to: MemoryTransport): boolean {
    return this.#cuts?.get(from)?.has(to) === true;
  }

  #link(from: MemoryTransport, to: MemoryTransport): RoughLink {
    const links = this.#links.get(from) ?? new WeakMap<MemoryTransport, RoughLink>();
    this.#links.set(from, links);
    const link = links.get(to) ?? new RoughLink(this.#settings, this.#draw, this.counts);
    links.set(to, link);
    return link;
  }
}

function isThere(endpoint: Endpoint): boolean {
  return endpoint.open && endpoint.owner.connected;
}

/** One host that throws, against its contract, must not keep the frames of the others. */
function guard(host: TransportHost, call: () => void): void {
  try {
    call();
  } catch (error) {
    host.logger.error({ error }, 'a receiver of the memory transport threw');
  }
}
