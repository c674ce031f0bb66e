import type { Contender, Library, RowName, Setting } from '../rows.js';
import type { Work } from '../work.js';

type Works = Readonly<Partial<Record<RowName, (setting: Setting) => Work | Promise<Work>>>>;

/** One library to a process: what the others do to the engine is not to be seen in its figures. */
const libraries: Readonly<Record<Library, () => Promise<{ readonly works: Works }>>> = {
  happen: () => import('./happen.js'),
  moleculer: () => import('./moleculer.js'),
  eventemitter3: () => import('./eventemitter3.js'),
  mitt: () => import('./mitt.js'),
  node: () => import('./node.js'),
  nats: () => import('./nats.js'),
};

/**
 * Sets a contender up for a row.
 *
 * @throws Error when its library has no such row
 */
export async function makeWork(row: RowName, { name, library, setting }: Contender): Promise<Work> {
  const { works } = await libraries[library]();
  const make = works[row];
  if (make === undefined) throw new Error(`${name} does not take part in "${row}"`);
  return make(setting);
}
