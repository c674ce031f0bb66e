import type { Attachment } from '../ports/transport.js';

/** What is attached to a transport and not closed yet. */
export class AttachmentSet {
  readonly #open = new Set<Attachment>();

  /** @param remove called once, when it is closed */
  add(remove: () => void): Attachment {
    const attachment: Attachment = {
      close: () => {
        if (this.#open.delete(attachment)) remove();
      },
    };
    this.#open.add(attachment);
    return attachment;
  }

  closeAll(): void {
    for (const attachment of [...this.#open]) attachment.close();
  }
}
