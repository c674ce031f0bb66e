/**
 * Whether an instance hears what is sent to a node. Only who does sees the secret that asks, and can give it back. It does not say
 * who else hears it, nor that nobody speaks in the instance's name: so frames are shared only where the server lets in everybody
 * anyway, or the user says that those who are let in may hear everything.
 *
 * 1. An instance counts as proven for a node when it gives back a secret that was sent to that node at that instance.
 * 2. Secrets are asked for once, and not again after a reconnect. There are at most so many at a time; an older one gives way.
 */
import type { Msg } from '@nats-io/nats-core';
import type { Subjects } from '../subjects/subjects.js';

const secretBytes = 16;
const mostAsked = 20_000;

export interface ProofsOptions {
  readonly subjects: Subjects;
  readonly instance: string;
  /** Publishes, and never throws. */
  say(subject: string, data: Uint8Array, reply?: string): void;
  proven(nodeId: string, instance: string): void;
}

interface Asked {
  readonly nodeId: string;
  readonly instance: string;
}

/** Whether a message at the subject for parts gives a proof: every part is longer. */
export function isProof({ data }: Msg): boolean {
  return data.length === secretBytes;
}

export class Proofs {
  readonly #options: ProofsOptions;
  readonly #asked = new Map<string, Asked>();

  constructor(options: ProofsOptions) {
    this.#options = options;
  }

  ask(nodeId: string, instance: string): void {
    const { subjects, say } = this.#options;
    const subject = subjects.nodeAt(nodeId, instance);
    const secret = globalThis.crypto.getRandomValues(new Uint8Array(secretBytes));
    if (this.#asked.size >= mostAsked) this.#asked.delete(this.#asked.keys().next().value as string);
    this.#asked.set(textOf(secret), { nodeId, instance });
    say(subject, secret, subjects.parts(this.#options.instance, instance));
  }

  /**
   * Answers a message at the subject of a node if it asks for a proof, and says whether it does. A frame may be as long, but comes
   * with another subject to reply to. Nothing is said but where this instance speaks to another one in its own name.
   */
  answers(message: Msg): boolean {
    if (message.data.length !== secretBytes) return false;
    const { subjects, instance, say } = this.#options;
    const { reply } = message;
    if (reply === undefined || !subjects.isPartsFrom(reply, instance)) return false;
    say(reply, new Uint8Array(message.data));
    return true;
  }

  /** @param instance in whose name the answer came */
  take(instance: string, { data }: Msg): void {
    const secret = textOf(data);
    const asked = this.#asked.get(secret);
    if (asked?.instance !== instance) return;
    this.#asked.delete(secret);
    this.#options.proven(asked.nodeId, instance);
  }

  /** What was asked will not be answered any more. */
  clear(): void {
    this.#asked.clear();
  }
}

function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
