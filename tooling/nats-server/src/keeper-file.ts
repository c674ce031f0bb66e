import { fileURLToPath } from 'node:url';

/** The program that keeps servers. It stands at the same distance from `src` and from `dist`. */
export const keeperFile = fileURLToPath(new URL('../processes/keeper.mjs', import.meta.url));
