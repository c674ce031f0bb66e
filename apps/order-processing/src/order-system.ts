import type { OrderBook } from './input/order-book.js';
import { createDashboard, type Ending } from './nodes/dashboard.js';
import { createFrontDesk } from './nodes/front-desk.js';
import { createInventoryService } from './nodes/inventory-service.js';
import { createNotificationService } from './nodes/notification-service.js';
import { createOrderService } from './nodes/order-service.js';
import { patient } from './nodes/asking.js';
import { machinePause } from './nodes/pause.js';
import { createPaymentService } from './nodes/payment-service.js';
import { serviceTime } from './nodes/service-time.js';
import { createShippingService } from './nodes/shipping-service.js';
import { createSupervisor } from './nodes/supervisor.js';
import { seededChance } from './rules/chance.js';
import { openShop } from './space.js';
import type { EmissionRecorder } from './trace/emission-recorder.js';

/** How the services of a run behave; see `RunOptions`. */
export interface SystemSettings {
  readonly paymentFailureRate: number;
  readonly shippingFailureRate: number;
  readonly seed: string;
  readonly concurrency: number;
  readonly serviceTimeMs: number;
  readonly recorder: EmissionRecorder;
  /** Called for each order as it ends. */
  readonly onEnding: (ending: Ending) => void;
  /** Called for what fails behind the orders' backs. */
  readonly onFailure: (message: string) => void;
}

/** Puts the nodes of the shop into one space. The order of creation does not matter: nodes find each other by id. */
export function createOrderSystem(book: Pick<OrderBook, 'products' | 'customers'>, settings: SystemSettings) {
  const { seed, concurrency, recorder } = settings;
  const happen = openShop(recorder.extension);
  happen.on('node.error', ({ payload }) => settings.onFailure(`${payload.nodeId}: ${payload.message}`));

  const takeTime = serviceTime(settings.serviceTimeMs, machinePause);
  const isDeclined = seededChance(seed, 'payment', settings.paymentFailureRate);
  const isRefusedByCarriers = seededChance(seed, 'shipping', settings.shippingFailureRate);

  createDashboard(happen, settings.onEnding);
  createSupervisor(happen);
  createNotificationService(happen, book.customers);
  const inventory = createInventoryService(happen, book.products.values(), takeTime);
  createPaymentService(happen, isDeclined, takeTime);
  createShippingService(happen, isRefusedByCarriers, takeTime);
  createOrderService(happen, concurrency, patient, machinePause);
  const frontDesk = createFrontDesk(happen, patient, machinePause);
  inventory.openWarehouse();

  return { happen, frontDesk, close: () => happen.close() };
}
