import { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import type { ExtendedNode, Extension, ExtensionHost } from '../extension/extension.js';
import { type InstalledHooks, type Intercept, interceptKey, type Interceptors } from '../extension/intercept-key.js';

/** The extensions of a space, as one. */
export interface InstalledExtensions extends Interceptors {
  /** Puts on a node what the extensions give it. */
  extend(node: ExtendedNode): void;
}

/** @throws whatever an extension's `install` throws */
export function installExtensions(
  extensions: readonly Extension[],
  host: ExtensionHost,
  tell: (error: HappenError, nodeId: string, event: HappenEvent | undefined) => void,
): InstalledExtensions {
  const installed = extensions.map((extension) => ({ name: extension.name, hooks: extension.install(host) }));
  const { flows, emissions } = interceptorsOf(extensions, installed, host, tell);
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
    flows,
    emissions,
  };
}

/** @throws HappenError `HAPPEN_INVALID_CONFIG` when there are hooks, and nothing that calls them */
function interceptorsOf(
  extensions: readonly Extension[],
  installed: readonly InstalledHooks[],
  host: ExtensionHost,
  tell: Parameters<Intercept>[2],
): Interceptors {
  const index = installed.findIndex(({ hooks }) => hooks.flow !== undefined || hooks.emission !== undefined);
  if (index < 0) return { flows: undefined, emissions: undefined };
  const intercept = (extensions[index] as { readonly [interceptKey]?: Intercept })[interceptKey];
  if (intercept !== undefined) return intercept(installed, host.clock, tell);
  const path = `extensions[${index}]`;
  throw new HappenError(
    'HAPPEN_INVALID_CONFIG',
    `${path}: its hooks need it to be what defineExtension() of this same copy of @happen/core made.`,
    { details: { path } },
  );
}
