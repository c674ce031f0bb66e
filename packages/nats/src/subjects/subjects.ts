import { HappenError } from '@happen/core';
import { tokenOf } from './token.js';
import { typeSubject } from './type-subject.js';

/** The longest id of a node or an instance. One that is longer would break the line that a server takes, and the connection. */
const longestId = 512;

/**
 * The subjects of one space. The first token names the space, the second what it is about.
 *
 * All of them throw `HAPPEN_INVALID_NODE_ID` for ids of more than 512 characters, also those that others have sent.
 */
export class Subjects {
  readonly #space: string;

  constructor(space: string) {
    this.#space = tokenOf(space);
  }

  /** Frames to a node. */
  node(id: string): string {
    return `${this.#space}.node.${idToken(id)}`;
  }

  /** Frames to a node at one of the instances it lives in. */
  nodeAt(id: string, instance: string): string {
    return `${this.node(id)}.${idToken(instance)}`;
  }

  /** Frames to a running space. */
  instance(id: string): string {
    return `${this.#space}.inst.${idToken(id)}`;
  }

  /** Frames that are broadcast. The server can hold a sender to its own token. */
  broadcast(sender: string, type: string): string {
    return `${this.#space}.all.${idToken(sender)}.${typeSubject(type)}`;
  }

  /** Broadcasts of all senders that a filter lets through. */
  broadcasts(filter: string): string {
    return `${this.#space}.all.*.${filter}`;
  }

  /** The name of a group among those that share what comes. */
  queue(group: string): string {
    return idToken(group);
  }

  /** The instance that the last token of a subject names, if it can be one. */
  instanceOf(subject: string): string | undefined {
    const name = subject.slice(subject.lastIndexOf('.') + 1);
    return /^[A-Za-z0-9_-]{1,128}$/.test(name) ? name : undefined;
  }

  /** Where a server says that nobody takes a frame (`*`: any): one subject for each frame of an instance. */
  unanswered(instance: string, token: string): string {
    return `${this.#space}.lost.${idToken(instance)}.${token}`;
  }

  /** Parts of frames that are too long for a message, from one instance (`*`: any) to another. */
  parts(to: string, from: string): string {
    return `${this.#space}.part.${idToken(to)}.${from === '*' ? '*' : idToken(from)}`;
  }

  /** Whether it is the subject for parts from this instance to another one, and can be published to. */
  isPartsFrom(subject: string, from: string): boolean {
    const to = subject.slice(`${this.#space}.part.`.length).split('.', 1)[0] as string;
    return /^[A-Za-z0-9_=-]{1,512}$/.test(to) && subject === `${this.#space}.part.${to}.${idToken(from)}`;
  }

  /** What an instance says of itself (`*`: any). */
  presence(instance: string): string {
    return `${this.#space}.here.${instance === '*' ? '*' : idToken(instance)}`;
  }

  /** Asks instances to say all of themselves: one, or (`=all`) every one. */
  rollCall(instance: string | undefined): string {
    return `${this.#space}.who.${instance === undefined ? '=all' : idToken(instance)}`;
  }
}

function idToken(id: string): string {
  if (id.length <= longestId) return tokenOf(id);
  throw new HappenError(
    'HAPPEN_INVALID_NODE_ID',
    `An id has at most ${longestId} characters; "${id.slice(0, 32)}…" has ${id.length}.`,
  );
}
