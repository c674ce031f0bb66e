/**
 * The entry of `npm start`, `npm test`, `npm run bench` and `npm run test:matrix`. Written in old syntax with nothing but built-ins, and loading
 * the rest on demand, so that an outdated Node gets a sentence instead of a syntax error.
 */
// eslint-disable-next-line no-restricted-imports -- the prefix is newer than some of the versions to be told off
import { readFileSync } from 'fs';
// eslint-disable-next-line no-restricted-imports -- as above
import { fileURLToPath } from 'url';

const manifest = JSON.parse(readFileSync(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8'));
const needed = manifest.engines.node.replace(/[^0-9.]/g, '');
const tasks = ['start', 'test', 'bench', 'matrix'];
const task = String(process.argv[2]);

/**
 * @param {string} version
 * @param {string} floor
 */
function olderThan(version, floor) {
  const have = version.split('.').map(Number);
  const want = floor.split('.').map(Number);
  for (let index = 0; index < want.length; index += 1) {
    const difference = Number(have[index]) - Number(want[index]);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** @param {string} message */
function stop(message) {
  process.stderr.write(message + '\n');
  process.exitCode = 1;
}

if (olderThan(process.versions.node, needed)) {
  stop('Happen needs Node.js ' + needed + ' or newer; this is ' + process.versions.node + '.');
} else if (tasks.indexOf(task) === -1) {
  stop('Usage: node scripts/main.mjs <' + tasks.join(' | ') + '> [options]');
} else {
  import('./' + task + '.mjs')
    .then(function (module) {
      return module.run(process.argv.slice(3));
    })
    .then(
      function (exitCode) {
        process.exitCode = exitCode;
      },
      function (error) {
        stop(error && error.stack ? error.stack : String(error));
      },
    );
}
