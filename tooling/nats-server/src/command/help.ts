import { floorVersion } from '../version.js';
import { usualPorts } from './options.js';

/** What `--help` prints. */
export const helpText = `Finds, fetches and starts a nats-server for development and tests.

Usage: happen-nats-server <command> [options]

  find                      print the path of a nats-server, fetching one if there is none
  fetch                     fetch one even if there is one, for something newer, and print its path
  start                     run one in the foreground, until Ctrl-C

Options:
  --version <which>         floor (${floorVersion}, the oldest that Happen supports) or newest (default newest)
  -h, --help                print this

Options of start:
  --port <n>                for clients; 0 takes a free one (default ${usualPorts.client})
  --websocket-port <n>      for WebSockets; 0 takes a free one (default ${usualPorts.webSocket}, or a free one if that is taken)
  --store <folder>          where JetStream keeps its data (default a temporary folder)

It listens on 127.0.0.1 alone, with JetStream and without passwords. start prints the addresses on standard output, one a line;
what the server logs goes to standard error.

Exit codes: 0 done, or stopped with Ctrl-C or SIGTERM; 1 no server can be had, or it did not start, or it ended by itself; 2 an
option cannot be used.
`;
