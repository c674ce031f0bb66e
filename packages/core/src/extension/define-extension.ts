import { interceptEmissions } from './emission-interception.js';
import type { Extension } from './extension.js';
import { ExtensionFailures } from './extension-failures.js';
import { interceptFlows } from './flow-interception.js';
import { type Intercept, interceptKey } from './intercept-key.js';

const intercept: Intercept = (installed, clock, tell) => {
  const failures = new ExtensionFailures(clock, tell);
  const watchesFlows = installed.some(({ hooks }) => hooks.flow !== undefined);
  const watchesEmissions = installed.some(({ hooks }) => hooks.emission !== undefined);
  return {
    flows: watchesFlows ? interceptFlows(installed, failures) : undefined,
    emissions: watchesEmissions ? interceptEmissions(installed, failures) : undefined,
  };
};

/** Makes an extension out of what exists at run time. */
export function defineExtension<X extends Extension = Extension & { readonly members: unknown }>(
  definition: Pick<X, 'name' | 'install'>,
): X {
  return {
    name: definition.name,
    install: (host) => definition.install(host),
    [interceptKey]: intercept,
  } as Pick<Extension, 'name' | 'install'> as X;
}
