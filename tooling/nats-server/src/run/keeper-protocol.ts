/** What the keeper is told. `id` is the sender's name for a server. */
export type Order =
  | {
      readonly type: 'start';
      readonly id: number;
      readonly command: string;
      readonly args: readonly string[];
      /** The file that takes what the server says; without one, standard error does. */
      readonly log: string | undefined;
    }
  | { readonly type: 'signal'; readonly id: number; readonly signal: NodeJS.Signals };

/** What the keeper tells. */
export type Notice =
  | { readonly type: 'ready'; readonly folder: string }
  | { readonly type: 'started'; readonly id: number; readonly pid: number }
  | { readonly type: 'failed'; readonly id: number; readonly message: string }
  | { readonly type: 'ended'; readonly id: number; readonly code: number | null; readonly signal: string | null }
  | { readonly type: 'signalled'; readonly id: number; readonly delivered: boolean };
