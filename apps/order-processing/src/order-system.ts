import type { Ending } from './nodes/dashboard.js';
import { createFrontDesk } from './nodes/front-desk.js';
import { patient } from './nodes/asking.js';
import { machinePause } from './nodes/pause.js';
import { type Knowledge, type Part, partNames, parts, type ServiceSettings } from './parts.js';
import { openShop, type Shop } from './space.js';
import type { EmissionRecorder, Emissions } from './trace/emission-recorder.js';

/** How a run behaves, and whom it tells. */
export interface SystemSettings extends ServiceSettings {
  readonly recorder: EmissionRecorder;
  /** Called for each order as it ends. */
  readonly onEnding: (ending: Ending) => void;
  /** Called for what fails behind the orders' backs. */
  readonly onFailure: (message: string) => void;
}

/** The shop, wherever its parts are. */
export interface OrderSystem {
  readonly frontDesk: ReturnType<typeof createFrontDesk>;
  /** What has been emitted so far. */
  recorded(): Promise<Emissions>;
  close(): Promise<void>;
}

/** Puts the nodes of the shop into one space. The order of creation does not matter: nodes find each other by id. */
export function createOrderSystem(
  knowledge: Knowledge,
  settings: SystemSettings,
): OrderSystem & { readonly happen: Shop } {
  const { recorder, onEnding, onFailure } = settings;
  const happen = openShop(recorder.extension);
  happen.on('node.error', ({ payload }) => onFailure(`${payload.nodeId}: ${payload.message}`));

  const plan = { settings, knowledge, patience: patient, onEnding };
  const standing = partNames.map((name): Part => parts[name](happen, plan));
  const frontDesk = createFrontDesk(happen, patient, machinePause);
  for (const { open } of standing) open?.();

  return {
    happen,
    frontDesk,
    recorded: async () => recorder,
    close: async () => void (await happen.close()),
  };
}
