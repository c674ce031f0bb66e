import { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import type { ExtendedNode, Extension, ExtensionHooks, ExtensionHost } from '../extension/extension.js';

/** The extensions of a space, as one. */
export interface InstalledExtensions {
  /** Puts on a node what the extensions give it. */
  extend(node: ExtendedNode): void;
  /** `undefined` when no extension looks at emissions, so that nothing is paid for it. */
  readonly emission: ((event: HappenEvent, target: string | undefined) => void) | undefined;
}

/** @throws whatever an extension's `install` throws */
export function installExtensions(extensions: readonly Extension[], host: ExtensionHost): InstalledExtensions {
  const installed = extensions.map((extension) => ({ name: extension.name, hooks: extension.install(host) }));
  const watching = installed
    .map(({ hooks }) => hooks)
    .filter(
      (hooks): hooks is ExtensionHooks & Required<Pick<ExtensionHooks, 'emission'>> => hooks.emission !== undefined,
    );
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
    emission:
      watching.length === 0
        ? undefined
        : (event, target) => {
            for (const hooks of watching) hooks.emission(event, target);
          },
  };
}
