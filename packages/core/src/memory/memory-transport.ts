import { HappenError } from '../errors/happen-error.js';
import type {
  Address,
  Attachment,
  Listener,
  NodeDescription,
  Receive,
  Transport,
  TransportCapabilities,
  TransportHost,
} from '../ports/transport.js';
import { AttachmentSet } from '../routing/attachment-set.js';
import { interestsOf } from '../routing/directory.js';
import type { DirectEndpoint, ListeningEndpoint } from './endpoint.js';
import type { Junction } from './junction.js';

/** One space's end of a hub in memory. */
export class MemoryTransport implements Transport {
  readonly name = 'memory';
  readonly supports: TransportCapabilities;
  readonly #junction: Junction;
  readonly #attachments = new AttachmentSet();
  #host: TransportHost | undefined;
  #connected = false;
  #stopped = false;

  constructor(junction: Junction) {
    this.#junction = junction;
    this.supports = junction.supports;
  }

  /** The host while the transport is started and not stopped. */
  get host(): TransportHost | undefined {
    return this.#host;
  }

  /** Whether frames reach it and leave it. */
  get connected(): boolean {
    return this.#connected;
  }

  async start(host: TransportHost): Promise<void> {
    if (this.#stopped) throw closed('It has been stopped; take another one from the hub.');
    if (this.#host !== undefined)
      throw closed('It has been started already; every space needs a transport of its own.');
    this.#host = host;
    this.#connected = true;
    host.status('connected');
  }

  async stop(): Promise<void> {
    const host = this.#host;
    this.#host = undefined;
    this.#connected = false;
    this.#stopped = true;
    this.#attachments.closeAll();
    if (host === undefined) return;
    // Frames that were taken are with the hub by now, which hands them over whatever becomes of their sender.
    host.status('closed');
  }

  /** @internal Called by the hub. */
  disconnect(reason: string | undefined): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#host?.status('disconnected', reason);
  }

  /** @internal Called by the hub. */
  reconnect(): void {
    if (this.#connected || this.#host === undefined) return;
    this.#connected = true;
    this.#host.status('reconnected');
  }

  attach(address: Exclude<Address, { kind: 'broadcast' }>, receive: Receive, node?: NodeDescription): Attachment {
    this.#requireStarted();
    const { nodes, instances } = this.#junction;
    const directory = address.kind === 'node' ? nodes : instances;
    const { id } = address;
    const endpoint: DirectEndpoint = { owner: this, receive, open: true, exclusive: node?.exclusive === true };
    if (address.kind === 'node') this.#junction.tellConflicts(id, endpoint);
    directory.add(id, endpoint);
    return this.#attachments.add(() => {
      endpoint.open = false;
      directory.remove(id, endpoint);
    });
  }

  listen(group: string, patterns: readonly string[], receive: Receive): Listener {
    this.#requireStarted();
    const { listeners } = this.#junction;
    const endpoint: ListeningEndpoint = {
      owner: this,
      receive,
      open: true,
      group,
      interests: interestsOf(patterns),
    };
    listeners.add(endpoint);
    const { close } = this.#attachments.add(() => {
      endpoint.open = false;
      listeners.remove(endpoint);
    });
    const update = async (wanted: readonly string[]): Promise<void> => {
      if (!endpoint.open) throw closed('The listener has been closed.');
      endpoint.interests = interestsOf(wanted);
      listeners.interestsChanged();
    };
    return { close, update };
  }

  publish(to: Address, frame: Uint8Array): Promise<void> {
    const host = this.#host;
    if (host === undefined) return Promise.reject(this.#notStarted());
    if (frame.byteLength > this.supports.maxFrameBytes)
      return Promise.reject(tooLarge(frame, this.supports.maxFrameBytes));
    if (!this.#connected) {
      return Promise.reject(new HappenError('HAPPEN_DISCONNECTED', 'The transport is disconnected from the hub.'));
    }
    this.#junction.accept(this, host, to, frame);
    return accepted;
  }

  #requireStarted(): void {
    if (this.#host === undefined) throw this.#notStarted();
  }

  #notStarted(): HappenError {
    return closed(this.#stopped ? 'It has been stopped.' : 'It has not been started.');
  }
}

const accepted: Promise<void> = Promise.resolve();

function closed(why: string): HappenError {
  return new HappenError('HAPPEN_CLOSED', `The memory transport takes nothing. ${why}`);
}

function tooLarge(frame: Uint8Array, maxFrameBytes: number): HappenError {
  return new HappenError(
    'HAPPEN_PAYLOAD_TOO_LARGE',
    `A frame of ${frame.byteLength} bytes is longer than the ${maxFrameBytes} the memory transport takes.`,
    { details: { bytes: frame.byteLength, limit: maxFrameBytes } },
  );
}
