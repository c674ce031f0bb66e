/** How far a producer may be ahead of its consumer: items, and bytes of all but the last. */
export const streamWindow = { items: 256, bytes: 262_144 } as const;

/** What one grant may be worth at most, whatever a consumer says: the memory it fills is the producer's. */
export const mostCredit = { items: 4_096, bytes: 4_194_304 } as const;

/** How many streams an instance makes for others at once; more are refused. */
export const mostOutgoingStreams = 30_000;

/** How many of them may be for one node, where it signs, or else for one space: whoever holds streams open leaves others room. */
export const mostStreamsOfOnePeer = 10_000;
