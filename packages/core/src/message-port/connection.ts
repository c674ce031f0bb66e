/**
 * One port of an exchange: who is on its other side, and from when on what is said there is complete.
 *
 * 1. Each side greets with `hello` as soon as it listens, and again, as an answer, when the other has not heard it. Whichever
 *    comes first, ports that queue and ports that lose what comes too early lead to the same.
 * 2. Once both have heard each other, each tells what it knows, and then `ping`. That is when somebody can be talked to, and
 *    the spaces here attach their nodes. They have done so a little after `pong` comes; and when the other ports have
 *    settled too, `settled` is said: nobody is to come up any more whom one might have waited for.
 * 3. `bye` leads back to where a `hello` is waited for; the end of the port is the end of the connection.
 * 4. Nothing that arrives throws. What can't be read is counted, and dropped.
 */
import type { MessagePortLike } from './message-port.js';
import { PortLine } from './port-line.js';
import { nothing, type PortMessage, protocolVersion, readMessage } from './port-messages.js';

type Phase = 'greeting' | 'open' | 'away' | 'ended';

/** What a connection tells. */
export interface ConnectionOwner {
  /** Both sides have heard each other; what is known here is to be told. */
  opened(connection: Connection): void;
  /** What was known on the other side has arrived. */
  listed(connection: Connection): void;
  /** The other side has begun with nothing that is still to come. */
  settled(connection: Connection): void;
  /** Nobody is on the other side any more, or nobody yet who can be understood. */
  lost(connection: Connection, reason: string): void;
  /** @returns whether the message made sense */
  receive(connection: Connection, message: PortMessage): boolean;
  /** Whether all connections but this one have settled. */
  othersSettled(connection: Connection): boolean;
  /** Something could not be read. */
  malformed(connection: Connection): void;
}

/** So often the other side may begin anew, before it counts as broken. */
const mostGreetings = 1_000;
/** More turns of the microtask queue than lie between the start of a transport and the last node that a space attaches then. */
const turnsToAttach = 64;
const settled: Promise<void> = Promise.resolve();

export class Connection {
  readonly port: MessagePortLike;
  readonly #line: PortLine;
  readonly #owner: ConnectionOwner;
  #phase: Phase = 'greeting';
  #hasSettled = false;
  #isReady = false;
  #saidSettled = false;
  #greetings = 0;
  #pongs = 0;
  /** How much the parties behind it take. */
  weight = 0;
  /** How much of what arrived could not be read. */
  malformed = 0;

  constructor(port: MessagePortLike, owner: ConnectionOwner) {
    this.port = port;
    this.#owner = owner;
    this.#line = new PortLine(port, {
      message: (data) => this.#receive(data),
      unreadable: () => owner.malformed(this),
      ended: (reason) => this.#end(reason),
    });
  }

  get isOpen(): boolean {
    return this.#phase === 'open';
  }

  get isEnded(): boolean {
    return this.#phase === 'ended';
  }

  /** Whether somebody may still come up who is not known yet. */
  get isExpected(): boolean {
    return this.#phase === 'greeting' || (this.#phase === 'open' && !this.#hasSettled);
  }

  start(keepAlive: boolean): void {
    this.#line.listen(keepAlive);
    this.#hello(false);
  }

  /** Says goodbye, and listens no longer. */
  close(reason: string): void {
    if (this.#phase === 'ended') return;
    if (this.#phase !== 'away') this.post(['happen.bye']);
    this.#end(reason);
  }

  post(message: PortMessage, transfer: ArrayBuffer[] = nothing): void {
    if (this.#phase === 'ended') return;
    try {
      this.#line.post(message, transfer);
    } catch (error) {
      this.#end(`the port took nothing any more: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** To be called when another connection has settled, or is no more. */
  settleIfReady(): void {
    if (!this.#isReady || this.#saidSettled || this.#phase !== 'open' || !this.#owner.othersSettled(this)) return;
    this.#saidSettled = true;
    this.post(['happen.settled']);
  }

  /** Some runtimes hand over one message after the other in one turn: the spaces are still given the time they need. */
  async #getReady(pong: number): Promise<void> {
    for (let turn = 0; turn < turnsToAttach; turn++) await settled;
    if (pong !== this.#pongs) return;
    this.#isReady = true;
    this.settleIfReady();
  }

  #hello(heard: boolean): void {
    this.post(['happen.hello', protocolVersion, heard]);
  }

  #receive(data: unknown): void {
    if (this.#phase === 'ended') return;
    const message = readMessage(data);
    if (message === undefined || !this.#take(message)) this.#owner.malformed(this);
  }

  #take(message: PortMessage): boolean {
    switch (message[0]) {
      case 'happen.hello':
        return this.#greeted(message[1], message[2]);
      case 'happen.bye':
        if (this.#phase === 'open') this.#leave('away', 'the other side has stopped');
        else if (this.#phase === 'greeting') this.#phase = 'away';
        return true;
      case 'happen.ping':
        if (!this.isOpen) return false;
        this.post(['happen.pong']);
        this.#owner.listed(this);
        return true;
      case 'happen.pong':
        if (this.isOpen) void this.#getReady(++this.#pongs);
        return this.isOpen;
      case 'happen.settled':
        if (!this.isExpected || !this.isOpen) return false;
        this.#hasSettled = true;
        this.#owner.settled(this);
        return true;
      default:
        return this.isOpen && this.#owner.receive(this, message);
    }
  }

  #greeted(version: number, heard: boolean): boolean {
    if (version !== protocolVersion) {
      this.#end(
        `the other side of the port speaks version ${version} of its protocol, and this one version ${protocolVersion}; ` +
          'use the same release of @happen/core on both sides',
      );
      return true;
    }
    if (heard && this.#phase !== 'greeting') return this.#phase === 'open';
    if (++this.#greetings > mostGreetings) {
      this.close('the other side of the port began anew too often');
      return true;
    }
    if (this.#phase === 'open') this.#leave('away', 'the other side has begun anew');
    this.#phase = 'open';
    if (!heard) this.#hello(true);
    this.#owner.opened(this);
    this.post(['happen.ping']);
    return true;
  }

  #end(reason: string): void {
    if (this.#phase === 'ended') return;
    this.#line.close();
    this.#leave('ended', reason);
  }

  #leave(phase: 'away' | 'ended', reason: string): void {
    this.#phase = phase;
    this.#hasSettled = false;
    this.#pongs++;
    this.#isReady = false;
    this.#saidSettled = false;
    this.weight = 0;
    this.#owner.lost(this, reason);
  }
}
