// @ts-check
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';
import { runtimeNeutral } from './runtime-neutral.js';

/**
 * The lint rules of the workspace. The rules that matter most here look at types: in asynchronous messaging a promise that
 * nobody awaits is the commonest bug. Handles that can be awaited but need not be, such as the one `send` returns, are
 * thenables rather than promises, and stay allowed to float.
 *
 * @param {string} root The workspace's folder.
 */
export function rules(root) {
  return defineConfig(
    globalIgnores(['**/dist/', '**/coverage/', '**/.turbo/', '**/.test-results/', '**/test/fixtures/', '**/*.d.ts']),
    {
      files: ['**/*.{js,mjs,ts}'],
      extends: [js.configs.recommended],
      linterOptions: { reportUnusedDisableDirectives: 'error' },
      rules: {
        // The type checker knows what exists at run time, per package.
        'no-undef': 'off',
        // Code without a runtime's types declares the few globals it uses.
        'no-shadow-restricted-names': ['error', { reportGlobalThis: false }],
        eqeqeq: 'error',
        'no-restricted-imports': [
          'error',
          { paths: builtinModules.map((name) => ({ name, message: `Say node:${name}.` })) },
        ],
      },
    },
    {
      files: ['**/*.ts'],
      extends: [tseslint.configs.recommended],
      languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
      rules: {
        '@typescript-eslint/no-floating-promises': ['error', { checkThenables: false }],
        '@typescript-eslint/no-misused-promises': 'error',
        '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
        '@typescript-eslint/no-unused-vars': [
          'error',
          { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
        ],
        // Typed builders need `any` where a type parameter varies both ways, and `{}` as "adds nothing".
        '@typescript-eslint/no-explicit-any': 'off',
        '@typescript-eslint/no-empty-object-type': 'off',
        // Declarations that stand on their own say the literal type.
        '@typescript-eslint/prefer-as-const': 'off',
      },
    },
    {
      files: ['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts'],
      rules: {
        'no-restricted-syntax': [
          'error',
          { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
          { selector: 'ExportAllDeclaration', message: 'An entry lists its names by hand.' },
        ],
      },
    },
    {
      files: ['**/test/**/*.ts'],
      rules: {
        // Some inputs have to be as odd as what a network brings.
        'no-sparse-arrays': 'off',
        'no-restricted-syntax': [
          'error',
          {
            selector:
              'MemberExpression[object.name=/^(it|test|describe|suite)$/][property.name=/^(only|skip|todo|fails)$/]',
            message: 'A test that is there runs, and all of them run.',
          },
        ],
      },
    },
    runtimeNeutral({ files: ['packages/core/src/**/*.ts'], ignores: ['packages/core/src/host/**'] }),
  );
}
