import { parseArgs } from 'node:util';
import { isDecimal } from './input/decimal.js';
import { quoted } from './input/visible.js';

/** Where the four tables come from: paths, or `-` as the orders' path for standard input. */
export interface InputPaths {
  readonly orders: string;
  readonly items: string;
  readonly products: string;
  readonly customers: string;
}

/** What a run was asked to do. */
export interface RunOptions {
  /** `undefined`: the app's own orders. */
  readonly input: InputPaths | undefined;
  /** From 0 (never) to 1 (always). */
  readonly paymentFailureRate: number;
  /** From 0 (never) to 1 (always). */
  readonly shippingFailureRate: number;
  readonly seed: string;
  /** How many orders are under way at once. */
  readonly concurrency: number;
  /** How long each service takes for each request, in milliseconds. */
  readonly serviceTimeMs: number;
  /** Whether each node runs in a process of its own. */
  readonly processes: boolean;
  /** The NATS servers between the processes; `undefined`: one is started for the run. */
  readonly servers: readonly string[] | undefined;
  readonly json: boolean;
  /** The order whose causal tree is drawn. */
  readonly trace: number | undefined;
}

/** The command line asks for something there is not. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The most orders at once. */
export const mostConcurrent = 1_000;
/** The longest service time, in milliseconds. */
export const longestServiceTimeMs = 10_000;

/**
 * What the app's own orders are run with, unless options say otherwise: enough to see a compensation and its trace, slowly
 * enough to follow. With `--json` nobody watches, so there is neither trace nor delay.
 */
export const demonstration = { paymentFailureRate: 0.15, seed: '1', trace: 204, serviceTimeMs: 30 } as const;

const definitions = {
  orders: { type: 'string' },
  items: { type: 'string' },
  products: { type: 'string' },
  customers: { type: 'string' },
  'payment-failure-rate': { type: 'string' },
  'shipping-failure-rate': { type: 'string' },
  seed: { type: 'string' },
  concurrency: { type: 'string' },
  'service-time': { type: 'string' },
  processes: { type: 'boolean' },
  servers: { type: 'string' },
  json: { type: 'boolean' },
  trace: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads the command line.
 *
 * @returns `help` if that was asked for
 * @throws UsageError with a sentence for the user
 */
export function parseOptions(commandLine: readonly string[]): RunOptions | 'help' {
  const values = parseCommandLine(commandLine);
  if (values.help === true) return 'help';
  const input = inputPaths(values);
  const json = values.json === true;
  const standing = input === undefined ? demonstration : undefined;
  const watched = json ? undefined : standing;
  return {
    input,
    paymentFailureRate:
      rate('payment-failure-rate', values['payment-failure-rate']) ?? standing?.paymentFailureRate ?? 0,
    shippingFailureRate: rate('shipping-failure-rate', values['shipping-failure-rate']) ?? 0,
    seed: values.seed ?? demonstration.seed,
    concurrency: wholeNumber('concurrency', values.concurrency, 1, mostConcurrent) ?? 1,
    serviceTimeMs:
      wholeNumber('service-time', values['service-time'], 0, longestServiceTimeMs) ?? watched?.serviceTimeMs ?? 0,
    processes: values.processes === true,
    servers: servers(values),
    json,
    trace: wholeNumber('trace', values.trace, 1, Number.MAX_SAFE_INTEGER) ?? watched?.trace,
  };
}

function parseCommandLine(commandLine: readonly string[]) {
  try {
    const { values, tokens } = parseArgs({ args: [...commandLine], options: definitions, strict: true, tokens: true });
    const names = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new UsageError(`--${twice} is given twice.`);
    return values;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function inputPaths(values: { readonly [name in keyof InputPaths]?: string | undefined }): InputPaths | undefined {
  const { orders, items, products, customers } = values;
  const given = { orders, items, products, customers };
  const missing = Object.entries(given).flatMap(([name, path]) => (path === undefined ? [`--${name}`] : []));
  if (missing.length === Object.keys(given).length) return undefined;
  if (orders === undefined || items === undefined || products === undefined || customers === undefined) {
    throw new UsageError(`The four files belong together; missing: ${missing.join(', ')}.`);
  }
  for (const [name, path] of Object.entries({ orders, items, products, customers })) {
    if (path === '') throw new UsageError(`--${name} is empty; it takes the path of a CSV file.`);
    if (path === '-' && name !== 'orders') throw new UsageError(`Only --orders can be -; --${name} takes a path.`);
  }
  return { orders, items, products, customers };
}

function servers(values: { readonly processes?: boolean; readonly servers?: string }): readonly string[] | undefined {
  if (values.servers === undefined) return undefined;
  if (values.processes !== true) throw new UsageError('--servers belongs to --processes, which is missing.');
  const urls = values.servers.split(',').map((url) => url.trim());
  const bad = urls.find((url) => !/^(?:nats|tls):\/\/[^\s/]+\/?$/.test(url));
  if (bad === undefined) return urls;
  throw new UsageError(
    `--servers takes addresses such as nats://localhost:4222, parted by commas; found ${quoted(bad)}.`,
  );
}

function rate(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = isDecimal(text) ? Number(text) : Number.NaN;
  if (number >= 0 && number <= 1) return number;
  throw new UsageError(`--${name} takes a number from 0 to 1; found ${quoted(text)}.`);
}

function wholeNumber(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`--${name} takes a whole number from ${least} to ${most}; found ${quoted(text)}.`);
}
