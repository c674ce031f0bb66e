import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { extractBlocks } from './extract-blocks.js';

function found(document: string): [lines: string, heading: string, text: string][] {
  return extractBlocks('009', document).map(({ lines, heading, text }) => [lines, heading, text]);
}

describe('Extracting code blocks', () => {
  it('takes what stands between fences, with its lines, number and digest', () => {
    const document = [
      'A heading',
      '',
      'Some words:',
      '```javascript',
      'const a = 1;',
      '',
      'use(a);',
      '```',
      'More.',
    ].join('\n');

    expect(extractBlocks('009', document)).toEqual([
      {
        seed: '009',
        block: 1,
        lines: '5-7',
        digest: createHash('sha256').update('const a = 1;\n\nuse(a);').digest('hex').slice(0, 12),
        heading: 'A heading',
        text: 'const a = 1;\n\nuse(a);',
      },
    ]);
  });

  it('joins a block that a page break cut in two, and keeps apart what words stand between', () => {
    const document = '```\nfirst(\n```\n\n```\n);\n```\n\nSome words.\n\n```\nsecond();\n```';

    expect(found(document)).toEqual([
      ['2-6', '', 'first(\n);'],
      ['12-12', '', 'second();'],
    ]);
  });

  it('joins a line of code that lost its fence to the block beside it', () => {
    const document = 'Words.\n\n// A comment\n\n```\nrun();\n```\n\n{);\n\nNext heading\n\n```\nother();\n```';

    expect(found(document)).toEqual([
      ['3-9', '', '// A comment\nrun();\n{);'],
      ['14-14', 'Next heading', 'other();'],
    ]);
  });

  it('takes an indented fence in a list', () => {
    expect(found('# Practices\n\n1. **Do it**\n   ```javascript\n   doIt();\n   ```\n')).toEqual([
      ['5-5', 'Practices', '   doIt();'],
    ]);
  });

  it('finds code by its shape in a document without fences, across empty lines while a bracket is open', () => {
    const document = [
      'Basics',
      '',
      'Handlers are functions:',
      '',
      '// A handler',
      "node.on('a', () => {",
      '  const text = ") } ]"; // closes nothing: )',
      '',
      '  return text;',
      '});',
      '',
      '  • a point',
      '',
      '  1. Another: point',
      '',
      'const value = 1;',
    ].join('\n');

    expect(found(document)).toEqual([
      ['5-10', 'Basics', document.split('\n').slice(4, 10).filter(Boolean).join('\n')],
      ['16-16', 'Basics', 'const value = 1;'],
    ]);
  });

  it('sees a changed character in the digest', () => {
    const [one] = extractBlocks('009', '```\na\n```');
    const [other] = extractBlocks('009', '```\nb\n```');

    expect(one?.digest).not.toBe(other?.digest);
  });
});
