import { availableParallelism, cpus, loadavg } from 'node:os';

/** Where and on what the figures were taken. */
export interface Machine {
  readonly node: string;
  readonly nodeMajor: number;
  readonly platform: string;
  readonly processor: string;
  readonly cores: number;
}

export function thisMachine(): Machine {
  return {
    node: process.versions.node,
    nodeMajor: Number.parseInt(process.versions.node, 10),
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
  };
}

/** The processes that wanted to run in the last minute, on average; 0 where the platform does not tell. */
export function currentLoad(): number {
  return loadavg()[0] ?? 0;
}
