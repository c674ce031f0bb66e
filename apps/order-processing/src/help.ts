import { demonstration, longestServiceTimeMs, mostConcurrent } from './options.js';

/** What `--help` prints. */
export const helpText = `Takes orders, reserves the stock, charges the customer and ships, on a space of Happen nodes.

Usage: npm start -- [options]

Input: four CSV files with a header row; columns are found by name and may be in any order. Without them
a few orders of our own are used, with --payment-failure-rate ${demonstration.paymentFailureRate} and, unless --json is given,
--service-time ${demonstration.serviceTimeMs} and --trace ${demonstration.trace}.
  --orders <path>              order_id, customer_id; if there: ship_name, ship_city, ship_country.
                               With - they are read from standard input.
  --items <path>               order_id, product_id, unit_price, quantity, discount (0 to 1)
  --products <path>            product_id, units_in_stock; if there: product_name
  --customers <path>           customer_id; if there: company_name

What may go wrong:
  --payment-failure-rate <p>   the chance, 0 to 1, that a payment is declined (default 0)
  --shipping-failure-rate <p>  the chance, 0 to 1, that no carrier takes a parcel (default 0)
  --seed <text>                which payments and parcels that are; the same seed, the same ones (default ${demonstration.seed})

How it runs:
  --concurrency <n>            how many orders are under way at once, 1 to ${mostConcurrent} (default 1)
  --processes                  run each service in a process of its own, with a nats-server between them that is
                               started for the run
  --servers <urls>             with --processes: NATS servers that are there already (nats://host:port,…)
  --service-time <ms>          how long each service takes for a request, 0 to ${longestServiceTimeMs} (default 0)

Output:
  --json                       print the summary as one line of JSON, and nothing else, on standard output
  --trace <orderId>            draw the tree of events the order caused (with --json: on standard error)
  -h, --help                   print this

Exit codes: 0 all rows were read; 1 some rows were not (each is named on standard error); 2 an option or a file
cannot be used; 3 something failed that is no rule of the business, or the books do not balance; 130 stopped with
Ctrl-C or SIGTERM.
`;
