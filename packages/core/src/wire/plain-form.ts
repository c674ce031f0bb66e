/** A method under this key gives the plain data that an object of a class of ours stands for, wherever it is carried. */
export const plainForm: unique symbol = Symbol('happen.plainForm');

/** An object that travels as what its method gives. */
export interface StandsForPlainData {
  [plainForm](): object;
}
