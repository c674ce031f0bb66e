import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const folder = import.meta.dirname;

/** A module that makes a map of so many types, and uses a few of them in every way; the uses are the same for any size. */
function moduleWith(types: number): string {
  const members = Array.from(
    { length: types },
    (_, index) =>
      `'domain${index % 8}.entity${index}.done'(payload: { of: ${index} }): { outcome: 'done'; of: ${index} };`,
  );
  return `
    import { initializeHappen } from '../../src/index.js';
    type Events = {
      ${members.join('\n      ')}
    };
    const { createNode, createNodeArray } = initializeHappen<Events>();
    const one = createNode<Events>('one');
    const two = createNode<Events>('two');
    one.on('domain1.entity1.done', (event) => ({ outcome: 'done', of: event.payload.of }));
    one.on('domain2.*.done', (event) => void event.type);
    one.on('**', (event) => void event.payload.of);
    one.broadcast({ type: 'domain3.entity3.done', payload: { of: 3 } });
    export async function use() {
      (await one.send(two, { type: 'domain4.entity4.done', payload: { of: 4 } })).of satisfies 4;
      await one.send(two, [{ type: 'domain4.entity4.done', payload: { of: 4 } }, { type: 'domain5.entity5.done', payload: { of: 5 } }]);
      (await one.send([one, two], { type: 'domain6.entity6.done', payload: { of: 6 } }))['one']?.of satisfies 6 | undefined;
      await createNodeArray([one, two]).send({ type: 'domain7.entity7.done', payload: { of: 7 } });
    }`;
}

/** What the compiler has to do for a module, counted and not timed, so that a busy machine changes nothing. */
function costOf(types: number): { instantiations: number; types: number; errors: string[] } {
  const file = join(folder, `map-of-${types}.ts`);
  const options: ts.CompilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
    types: [],
    customConditions: ['node'],
    noUncheckedIndexedAccess: true,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, ...rest) =>
    name === file
      ? ts.createSourceFile(file, moduleWith(types), ts.ScriptTarget.ES2022, true)
      : getSourceFile(name, ...rest);
  const program = ts.createProgram([file], options, host);
  const source = program.getSourceFile(file);
  const errors = program
    .getSemanticDiagnostics(source)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  return { instantiations: program.getInstantiationCount(), types: program.getTypeCount(), errors };
}

describe('A map of events', () => {
  it('costs the compiler in proportion to its types, not more', () => {
    const [small, middle, large] = [16, 128, 512].map(costOf) as [
      ReturnType<typeof costOf>,
      ReturnType<typeof costOf>,
      ReturnType<typeof costOf>,
    ];
    for (const { errors } of [small, middle, large]) expect(errors).toEqual([]);
    for (const what of ['instantiations', 'types'] as const) {
      const toMiddle = middle[what] - small[what];
      const toLarge = large[what] - middle[what];
      // 384 further types cost about 3.4 times what 112 do.
      expect(toLarge / toMiddle, `${what}: ${small[what]}, ${middle[what]}, ${large[what]}`).toBeLessThan(5);
      // About 470 instantiations and 45 types for each; half of it more would be noticed.
      expect(toLarge / 384, `${what} for each further type`).toBeLessThan(what === 'types' ? 70 : 700);
    }
  });
});
