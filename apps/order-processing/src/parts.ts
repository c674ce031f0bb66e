import type { OrderBook } from './input/order-book.js';
import type { Patience } from './nodes/asking.js';
import { createDashboard, type Ending } from './nodes/dashboard.js';
import { createInventoryService } from './nodes/inventory-service.js';
import { createNotificationService } from './nodes/notification-service.js';
import { createOrderService } from './nodes/order-service.js';
import { machinePause } from './nodes/pause.js';
import { createPaymentService } from './nodes/payment-service.js';
import { serviceTime } from './nodes/service-time.js';
import { createShippingService } from './nodes/shipping-service.js';
import { createSupervisor } from './nodes/supervisor.js';
import { seededChance } from './rules/chance.js';
import type { Shop } from './space.js';

/** How the services of a run behave; see `RunOptions`. */
export interface ServiceSettings {
  readonly paymentFailureRate: number;
  readonly shippingFailureRate: number;
  readonly seed: string;
  readonly concurrency: number;
  readonly serviceTimeMs: number;
}

/** What the shop knows before the first order comes in. */
export type Knowledge = Pick<OrderBook, 'products' | 'customers'>;

/** What a part is made from. */
export interface PartPlan {
  readonly settings: ServiceSettings;
  readonly knowledge: Knowledge;
  readonly patience: Patience;
  /** Called for each order as it ends. */
  readonly onEnding: (ending: Ending) => void;
}

/** A part of the shop, once its node is there. */
export interface Part {
  /** Called once, when all nodes are there. */
  readonly open?: () => void;
}

/** The parts of the shop behind the front desk: each makes one node, whose id is the part's name, wherever its space is. */
export const parts = {
  dashboard: (shop, { onEnding }) => {
    createDashboard(shop, onEnding);
    return {};
  },
  supervisor: (shop) => {
    createSupervisor(shop);
    return {};
  },
  'notification-service': (shop, { knowledge }) => {
    createNotificationService(shop, knowledge.customers);
    return {};
  },
  'inventory-service': (shop, { knowledge, settings }) => {
    const { openWarehouse } = createInventoryService(shop, knowledge.products.values(), takingTime(settings));
    return { open: openWarehouse };
  },
  'payment-service': (shop, { settings }) => {
    const isDeclined = seededChance(settings.seed, 'payment', settings.paymentFailureRate);
    createPaymentService(shop, isDeclined, takingTime(settings));
    return {};
  },
  'shipping-service': (shop, { settings }) => {
    const isRefusedByCarriers = seededChance(settings.seed, 'shipping', settings.shippingFailureRate);
    createShippingService(shop, isRefusedByCarriers, takingTime(settings));
    return {};
  },
  'order-service': (shop, { settings, patience }) => {
    createOrderService(shop, settings.concurrency, patience, machinePause);
    return {};
  },
} satisfies Record<string, (shop: Shop, plan: PartPlan) => Part>;

export type PartName = keyof typeof parts;

export const partNames = Object.keys(parts) as readonly PartName[];

function takingTime({ serviceTimeMs }: ServiceSettings) {
  return serviceTime(serviceTimeMs, machinePause);
}
