/**
 * The nodes of a space at its transport: where each can be reached, and which broadcasts it wants.
 *
 * Invariant: a node of the space is attached at most once, from `attach` to `detach`.
 */
import type { Attachment, Listener, Transport } from '../ports/transport.js';
import { disconnected } from './disconnected.js';
import type { Arrival } from './route.js';
import type { LinkedNode, LinkHost } from './link-host.js';

interface Attached {
  readonly node: LinkedNode;
  readonly direct: Attachment;
  listener: Listener | undefined;
  /** Takes nothing any more, so what it wants changes nothing. */
  isClosing: boolean;
}

export class Attachments {
  readonly #host: LinkHost;
  readonly #transport: Transport;
  readonly #receive: (frame: Uint8Array, arrival: Arrival) => void;
  readonly #byNode = new Map<string, Attached>();
  #closed = false;

  /** @param receive takes what arrives, with the address at which it did */
  constructor(host: LinkHost, transport: Transport, receive: (frame: Uint8Array, arrival: Arrival) => void) {
    this.#host = host;
    this.#transport = transport;
    this.#receive = receive;
  }

  attach(node: LinkedNode): void {
    if (this.#byNode.has(node.id)) return;
    const here = { kind: 'node', id: node.id } as const;
    try {
      const { exclusive, keyPair } = node;
      const description =
        this.#host.frameSecurity === undefined ? { exclusive } : { exclusive, publicKey: () => keyPair.publicKey() };
      const direct = this.#transport.attach(here, (frame) => this.#receive(frame, here), description);
      this.#byNode.set(node.id, { node, direct, listener: undefined, isClosing: false });
    } catch (cause) {
      this.#notListening(node.id, cause);
      return;
    }
    this.interestsChanged(node);
  }

  /** The node is being closed: others that have it may take what comes. */
  yield(nodeId: string): void {
    const attached = this.#byNode.get(nodeId);
    if (attached === undefined) return;
    attached.isClosing = true;
    attached.direct.yield?.();
    attached.listener?.yield?.();
  }

  detach(nodeId: string): void {
    const attached = this.#byNode.get(nodeId);
    this.#byNode.delete(nodeId);
    attached?.direct.close();
    attached?.listener?.close();
  }

  interestsChanged(node: LinkedNode): void {
    const attached = this.#byNode.get(node.id);
    // A closed node of the same id has nothing to say any more.
    if (attached?.node !== node || attached.isClosing) return;
    const patterns = node.interests();
    try {
      if (attached.listener !== undefined) {
        attached.listener.update(patterns).catch((cause: unknown) => this.#notListening(node.id, cause));
      } else if (patterns.length > 0) {
        const here: Arrival = { kind: 'broadcast', id: node.id };
        attached.listener = this.#transport.listen(node.id, patterns, (frame) => this.#receive(frame, here));
      }
    } catch (cause) {
      this.#notListening(node.id, cause);
    }
  }

  close(): void {
    this.#closed = true;
    for (const { direct, listener } of this.#byNode.values()) {
      direct.close();
      listener?.close();
    }
    this.#byNode.clear();
  }

  #notListening(nodeId: string, cause: unknown): void {
    if (this.#closed) return;
    const error = disconnected(
      `Node "${nodeId}" could not be attached to the transport "${this.#transport.name}".`,
      cause,
    );
    this.#host.reportFailure(error, nodeId, undefined);
  }
}
