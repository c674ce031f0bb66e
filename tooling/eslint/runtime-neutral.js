// @ts-check
import { builtinModules } from 'node:module';

/** Time, chance and output come from the host that a space is given, so that tests can hold them in their hands. */
const ambient = {
  setTimeout: 'Use the timers of the injected clock.',
  setInterval: 'Use the timers of the injected clock.',
  setImmediate: 'Use the timers of the injected clock.',
  clearTimeout: 'Use the timers of the injected clock.',
  clearInterval: 'Use the timers of the injected clock.',
  clearImmediate: 'Use the timers of the injected clock.',
  performance: 'Use the injected clock.',
  console: 'Use the injected logger.',
  process: 'What differs by runtime stands behind #host.',
  Buffer: 'Use Uint8Array; browsers have no Buffer.',
  require: 'Use an import.',
  crypto: 'Use the injected crypto.',
};

const names = Object.keys(ambient);

/**
 * Keeps code free of the runtime it happens to run on: no wall clock, no chance, no timers, no output, no built-in modules.
 * `queueMicrotask` stays allowed, since every runtime has it and order is all it gives.
 *
 * @param {{ files: string[], ignores: string[] }} where
 * @returns {import('eslint').Linter.Config}
 */
export function runtimeNeutral({ files, ignores }) {
  return {
    files,
    ignores,
    rules: {
      'no-restricted-globals': [
        'error',
        {
          globals: names.map((name) => ({ name, message: ambient[/** @type {keyof typeof ambient} */ (name)] })),
          checkGlobalObject: true,
        },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Use the injected clock.' },
        { object: 'Math', property: 'random', message: 'Use the injected randomness.' },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: builtinModules.map((name) => ({ name, message: 'What differs by runtime stands behind #host.' })),
          patterns: [{ group: ['node:*'], message: 'What differs by runtime stands behind #host.' }],
        },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        { selector: 'ExportAllDeclaration', message: 'An entry lists its names by hand.' },
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Use the injected clock: new Date(clock.now()).',
        },
        { selector: "CallExpression[callee.name='Date']", message: 'Use the injected clock.' },
        {
          selector: 'ImportExpression[source.value=/^(node:|(fs|os|path|crypto|timers|util)(\\u002F|$))/]',
          message: 'What differs by runtime stands behind #host.',
        },
        {
          // Declaring the name would hide it from the rule on globals.
          selector: `VariableDeclaration[declare=true] > VariableDeclarator[id.name=/^(${names.join('|')})$/]`,
          message: 'Runtime globals are declared in src/host alone.',
        },
      ],
    },
  };
}
