import { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import { type EmissionHook, interceptEmissions } from '../extension/emission-interception.js';
import type { ExtendedNode, Extension, ExtensionHost } from '../extension/extension.js';
import { ExtensionFailures } from '../extension/extension-failures.js';
import { type FlowHook, interceptFlows } from '../extension/flow-interception.js';
import type { FlowInterceptor } from '../flow/flow-watching.js';
import type { EmissionInterceptor } from '../talk/emission-watching.js';

/** The extensions of a space, as one. */
export interface InstalledExtensions {
  /** Puts on a node what the extensions give it. */
  extend(node: ExtendedNode): void;
  /** Each `undefined` when no extension looks, so that nothing is paid for it. */
  readonly flows: FlowInterceptor | undefined;
  readonly emissions: EmissionInterceptor | undefined;
}

/** @throws whatever an extension's `install` throws */
export function installExtensions(
  extensions: readonly Extension[],
  host: ExtensionHost,
  tell: (error: HappenError, nodeId: string, event: HappenEvent | undefined) => void,
): InstalledExtensions {
  const installed = extensions.map((extension) => ({ name: extension.name, hooks: extension.install(host) }));
  const flowHooks = installed.filter((one): one is FlowHook => one.hooks.flow !== undefined);
  const emissionHooks = installed.filter((one): one is EmissionHook => one.hooks.emission !== undefined);
  const failures = new ExtensionFailures(host.clock, tell);
  return {
    extend(node) {
      for (const { name, hooks } of installed) {
        const members = hooks.node?.(node);
        if (members === undefined) continue;
        const descriptors = Object.getOwnPropertyDescriptors(members);
        for (const member of Reflect.ownKeys(descriptors)) {
          if (member in node) {
            throw new HappenError(
              'HAPPEN_INVALID_CONFIG',
              `The extension "${name}" adds "${String(member)}" to nodes, which they have already.`,
              {
                details: { path: 'extensions', extension: name },
              },
            );
          }
        }
        Object.defineProperties(node, descriptors);
      }
    },
    flows: flowHooks.length === 0 ? undefined : interceptFlows(flowHooks, failures),
    emissions: emissionHooks.length === 0 ? undefined : interceptEmissions(emissionHooks, failures),
  };
}
