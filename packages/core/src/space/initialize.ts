import type { AnyEvents } from '../event/event-map.js';
import type { Extension } from '../extension/extension.js';
import { causalityOf } from '../causality/causality.js';
import { runDetached } from '../flow/detached.js';
import { createNodeArray } from '../node/node-array.js';
import type { NodeRef } from '../node/node.js';
import { referenceTo } from '../schema/reference.js';
import { checkNodeId } from '../event/node-id.js';
import { durationOf } from '../talk/options.js';
import type { NodeOptions, ReferenceOptions, SpaceConfig } from './config.js';
import type { Space } from './space.js';
import { checkCloseOptions, checkReferenceOptions } from './check-config.js';
import { SpaceCore } from './space-core.js';

/**
 * Makes a space. It is there at once: nodes can be created, wired and used; a transport connects in the background.
 *
 * @typeParam B - the map of the space's broadcasts
 * @throws HappenError `HAPPEN_INVALID_CONFIG`, naming the path of what is wrong
 *
 * @example
 * const { createNode } = initializeHappen();
 * const greeter = createNode('greeter');
 * greeter.on('greet', (event) => `Hello ${event.payload.name}`);
 * const answer = await createNode('me').send(greeter, { type: 'greet', payload: { name: 'Ada' } });
 */
export function initializeHappen<B = AnyEvents, const X extends readonly Extension[] = []>(
  config: SpaceConfig<X> = {},
): Space<B, X> {
  const core = new SpaceCore(config);
  const close: Space<B, X>['close'] = async (options) => {
    checkCloseOptions(options);
    return core.close(options?.timeout === undefined ? undefined : durationOf('timeout', options.timeout));
  };
  return {
    createNode: (id: string, options?: NodeOptions) => core.createNode(id, options) as never,
    createNodeArray,
    node: (id: string, options?: ReferenceOptions) => {
      checkNodeId(id);
      checkReferenceOptions(options);
      return referenceTo(id, options?.events) as NodeRef<never>;
    },
    causality: causalityOf(core.memory),
    detached: (run) => runDetached(core.tracker, run),
    on: (pattern: string, handler: (event: never) => unknown) => core.on(pattern, handler as never),
    off: (handler) => core.system.off(handler),
    ready: () => core.ready(),
    metrics: () => core.metrics(),
    health: () => core.health(),
    close,
    [Symbol.asyncDispose]: async () => {
      await close();
    },
  };
}
