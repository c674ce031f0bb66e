/** What is measured of whole processes, each made for one figure: how large something is, or how long something takes. */

export const processRowNames = ['memory-per-node', 'start-up'] as const;

export type ProcessRowName = (typeof processRowNames)[number];

/** A program of `programs/` that takes part in a row. */
export interface Program {
  /** Unique within a row. */
  readonly name: string;
  readonly file: string;
}

export interface ProcessRow {
  readonly name: ProcessRowName;
  readonly title: string;
  /** What its figure is: bytes that the program tells, or the milliseconds from its start to its end. */
  readonly figure: 'bytes' | 'milliseconds';
  readonly programs: readonly Program[];
  /** The program that the others are compared with. */
  readonly reference: string;
  /** Who does not take part, and why. */
  readonly absent: readonly { readonly name: string; readonly why: string }[];
}

export const processRows: readonly ProcessRow[] = [
  {
    name: 'memory-per-node',
    title: 'the heap that each of 1000 nodes with one handler takes (Moleculer: a service; EventEmitter3: an emitter)',
    figure: 'bytes',
    programs: [
      { name: 'Happen', file: 'heap-happen.mjs' },
      { name: 'Moleculer', file: 'heap-moleculer.mjs' },
      { name: 'EventEmitter3', file: 'heap-eventemitter3.mjs' },
    ],
    reference: 'Moleculer',
    absent: [],
  },
  {
    name: 'start-up',
    title: 'a process that loads the built package, makes two nodes, gets one answer, and ends (bare Node: nothing)',
    figure: 'milliseconds',
    programs: [
      { name: 'Happen', file: 'start-happen.mjs' },
      { name: 'Moleculer', file: 'start-moleculer.mjs' },
      { name: 'bare Node', file: 'start-node.mjs' },
    ],
    reference: 'Moleculer',
    absent: [],
  },
];
