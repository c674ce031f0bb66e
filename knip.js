// @ts-check

/**
 * What knip can't see by itself: files that are started rather than imported, and packages whose command is run.
 *
 * @type {import('knip').KnipConfig}
 */
export default {
  // A type that an exported function mentions is exported with it.
  ignoreExportsUsedInFile: { interface: true, type: true },
  // Mistakes and strangers, for tests to look at.
  ignore: '**/test/**/fixtures/**',
  workspaces: {
    // main.mjs imports the others by the name of the command that was given; turbo is run through scripts/pnpm.mjs, and people run
    // the command of nats-server.
    '.': { entry: 'scripts/*.mjs', ignoreDependencies: ['turbo', '@happen/nats-server'] },
    // Apps are started as they were built.
    'apps/*': { entry: 'src/main.ts' },
    'apps/order-processing': { entry: 'src/{main,processes/part-process}.ts' },
    'apps/bench': {
      entry: ['src/{main,contestant-process,nats-responder-process}.ts', 'programs/*.mjs', 'test/processes/*.mjs'],
    },
    'examples/worker-threads': { entry: 'src/{main,worker}.ts' },
    // The type checker reads the type tests, and workers are started with what is in threads/.
    'packages/core': { entry: ['test/**/*.test-d.ts', 'test/message-port/threads/*.ts'] },
    // A test starts the program for another test runner, and a thread with a hub; the type checker reads the type tests.
    'packages/testing': { entry: ['test/readme/other-runner.ts', 'test/drivers/threads/*.ts', 'test/**/*.test-d.ts'] },
    // A test starts a process that has no server to connect to.
    'packages/nats': { entry: 'test/connection/processes/*.mjs' },
    'packages/happen': { entry: ['test/programs/*.ts', 'test/**/*.test-d.ts'] },
    // What a page loads is bundled by a test, which may also install a browser.
    'test/runtimes': { entry: 'src/{,nats/}{page,web-worker,program}.ts', ignoreBinaries: ['flock'] },
    // Snippets come out of the documents when the tests run.
    'test/docs': {
      ignoreDependencies: ['@happen/core', '@happen/nats', '@happen/testing', 'happen', 'zod', /^@opentelemetry\//],
    },
    // The command is run as it was built, and processes are started.
    'tooling/nats-server': { entry: ['src/command.ts', 'test/processes/*.mjs'] },
    // Smoke tests are copied into a project of their own, where the commands of these packages are run.
    tooling: {
      entry: 'smoke/*.js',
      ignoreDependencies: ['@arethetypeswrong/cli', 'fast-check', 'publint', '@opentelemetry/api'],
    },
  },
};
