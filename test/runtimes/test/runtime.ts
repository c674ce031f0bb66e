/** The runtime to try, as a command and its arguments: the matrix names one after the other; Node's own unless it does. */
export const runtime = (
  process.env['HAPPEN_RUNTIME'] === undefined ? [process.execPath] : JSON.parse(process.env['HAPPEN_RUNTIME'])
) as [command: string, ...args: string[]];

export const runtimeName = runtime[0].replace(/^.*[\\/]/, '');
