import { readFileSync } from 'node:fs';
import { format } from 'node:util';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import * as core from '../../src/index.js';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The examples of the page: what they are, and what they say they print. */
const examples = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ''], index) => ({
  name: `example-${index + 1}`,
  code,
  prints: [...code.matchAll(/^\/\/ → (.*)$/gm)].map(([, line]) => line),
}));

/** Runs an example with the names it imports, and gives back what it printed. */
async function run(code: string): Promise<string[]> {
  const printed: string[] = [];
  const log = (...parts: unknown[]): void => void printed.push(format(...parts));
  const names = [...code.matchAll(/^import \{ (.*) \} from '@happen\/core';$/gm)]
    .flatMap(([, list = '']) => list.split(', '))
    .filter((name) => !name.startsWith('type '));
  const body = code.replace(/^import .*$/gm, '');
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  const plain = ts
    .transpileModule(`export {};\n${body}`, { compilerOptions: options })
    .outputText.replace('export {};', '');
  const example = new Function(
    'core',
    'console',
    `return (async () => { const { ${names.join(', ')} } = core; ${plain} })();`,
  ) as (...given: unknown[]) => Promise<void>;
  await example(core, { log });
  return printed;
}

describe('the page of the package', () => {
  it.each(examples)('does what it says: $name', async ({ code, prints }) => {
    expect(await run(code)).toEqual(prints);
    expect(prints.length).toBeGreaterThan(0);
  });

  it('has examples that compile as they stand', { timeout: 60_000 }, () => {
    const root = new URL('../../', import.meta.url).pathname;
    const config = ts.getParsedCommandLineOfConfigFile(
      `${root}tsconfig.json`,
      {},
      {
        ...ts.sys,
        onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
          throw new Error(String(diagnostic.messageText));
        },
      },
    );
    const options = config?.options ?? {};
    const files = new Map(examples.map(({ name, code }) => [`${root}test/space/${name}.ts`, `export {};\n${code}`]));
    const host = ts.createCompilerHost(options);
    const { getSourceFile, fileExists, readFile } = host;
    host.fileExists = (name) => files.has(name) || fileExists(name);
    host.readFile = (name) => files.get(name) ?? readFile(name);
    host.getSourceFile = (name, ...rest) => {
      const text = files.get(name);
      return text === undefined
        ? getSourceFile(name, ...rest)
        : ts.createSourceFile(name, text, ts.ScriptTarget.ES2022);
    };
    const program = ts.createProgram([...files.keys()], options, host);
    const faults = [...files.keys()].flatMap((name) => {
      const file = program.getSourceFile(name);
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    });
    expect(
      faults.map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`),
    ).toEqual([]);
    expect(examples.length).toBeGreaterThan(3);
  });
});
