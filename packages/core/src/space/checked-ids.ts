import { HappenError } from '../errors/happen-error.js';

/** A user's maker of ids, whose ids are looked at. */
export function checkedIds(ids: () => string): () => string {
  return () => {
    const id: unknown = ids();
    if (typeof id === 'string' && id.length > 0 && id.length <= 512) return id;
    throw new HappenError('HAPPEN_INVALID_CONFIG', 'ids: the function has to return a string of 1 to 512 characters.', {
      details: { path: 'ids' },
    });
  };
}
