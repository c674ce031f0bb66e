import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

/** A connection that speaks a few words of the NATS protocol, enough to see that a server is there. */
export class Wire {
  readonly #socket: Socket;
  #text = '';
  #heard: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (data: Buffer) => {
      this.#text += data.toString('latin1');
      this.#heard();
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#heard());
  }

  static async to(url: string): Promise<Wire> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const wire = new Wire(socket);
    await once(socket, 'connect');
    return wire;
  }

  say(...lines: string[]): void {
    this.#socket.write(lines.map((line) => `${line}\r\n`).join(''));
  }

  /** Takes what has come up to and including the pattern; rejects if the connection ends before. */
  async hear(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#text);
      if (found !== null) {
        this.#text = this.#text.slice(found.index + found[0].length);
        return found[0];
      }
      if (this.#socket.destroyed) throw new Error(`The connection ended; last came: ${JSON.stringify(this.#text)}`);
      await new Promise<void>((resolve) => (this.#heard = resolve));
    }
  }

  /** What has come and was not taken. */
  get unheard(): string {
    return this.#text;
  }

  get ended(): boolean {
    return this.#socket.destroyed;
  }

  /** Says who it is, and waits for the answer to a ping. */
  async greet(options: object = {}): Promise<string> {
    const info = await this.hear(/INFO (.*)\r\n/);
    this.say(`CONNECT ${JSON.stringify({ verbose: false, headers: true, no_responders: true, ...options })}`);
    await this.ping();
    return info;
  }

  async ping(): Promise<void> {
    this.say('PING');
    await this.hear(/PONG\r\n/);
  }

  /** Asks a subject, and returns the answer's text. */
  async request(subject: string, payload = ''): Promise<string> {
    this.say('SUB answer 1', 'UNSUB 1 1', `PUB ${subject} answer ${Buffer.byteLength(payload)}`, payload);
    const head = await this.hear(/H?MSG answer 1 [\d ]+\r\n/);
    const body = await this.hear(/[^]*?\r\n/);
    return head.startsWith('H') ? head : body.trim();
  }

  async end(): Promise<void> {
    this.#socket.destroy();
    if (!this.#socket.closed) await once(this.#socket, 'close');
  }
}
