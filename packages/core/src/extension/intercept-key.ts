import type { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import type { FlowInterceptor } from '../flow/flow-watching.js';
import type { EmissionInterceptor } from '../talk/emission-watching.js';
import type { ExtensionHooks } from './extension.js';

/** What an extension does in a space, under its name. */
export interface InstalledHooks {
  readonly name: string;
  readonly hooks: ExtensionHooks;
}

/** Extensions as one; each `undefined` when none of them looks, so that nothing is paid for it. */
export interface Interceptors {
  readonly flows: FlowInterceptor | undefined;
  readonly emissions: EmissionInterceptor | undefined;
}

/** Makes the hooks of extensions one. */
export type Intercept = (
  installed: readonly InstalledHooks[],
  clock: { monotonic(): number },
  tell: (error: HappenError, nodeId: string, event: HappenEvent | undefined) => void,
) => Interceptors;

/** Under this key an extension carries what calls its hooks, so that a space without extensions need not ship it. */
export const interceptKey: unique symbol = Symbol('happen.extension.intercept');
