/** Whether a function is written as a generator, of either kind, so that it is known before a call what it comes to. */
export function isGeneratorFunction(value: unknown): boolean {
  const tag = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  return tag === 'GeneratorFunction' || tag === 'AsyncGeneratorFunction';
}
