/** What an end of a space over NATS finds at another one, whatever runtimes they are in. */
export const expected = {
  health: 'ok',
  answer: { text: 'ünï 😀', big: '1180591620717411303424', date: '1970-01-01T00:00:00.000Z', bytes: [0, 255] },
  failure: ['HAPPEN_HANDLER_FAILED', 'RangeError', 'only 3 are left', 'OUT_OF_STOCK', { left: 3 }],
  nobody: 'HAPPEN_NO_SUCH_NODE',
  timeout: 'HAPPEN_TIMEOUT',
  stream: { taken: [0, 1, 2], bounded: true, ended: true },
  heard: ['news.flash'],
  causes: { senders: [true, true], caused: true, correlated: true, deeper: 1 },
  large: true,
};
