/** Under this key a transport carries what joins a space to it, so that a space without a transport need not ship it. */
export const joinKey: unique symbol = Symbol('happen.transport.join');
