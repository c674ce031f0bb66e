import { isPublicKey } from '../identity/public-key.js';
import type { NodeKeys, SecurityConfig } from '../identity/security-config.js';
import type { Crypto } from '../ports/crypto.js';
import { checkKeys, checkMethods, expectObject, integer, wrong } from './check-value.js';

const securityKeys = ['sign', 'verify', 'keys', 'trustOnFirstUse', 'freshness'];
/** What only concerns signatures of frames. */
const frameKeys = ['keys', 'trustOnFirstUse', 'freshness'] as const;

/** @throws HappenError `HAPPEN_INVALID_CONFIG`, naming the path */
export function checkSecurity(security: SecurityConfig | undefined, crypto: Crypto | undefined): void {
  if (security === undefined) return;
  checkKeys('security', security, securityKeys);
  const { sign, verify, keys, trustOnFirstUse, freshness } = security;
  if (sign !== undefined && typeof sign !== 'boolean' && typeof sign !== 'function')
    throw wrong('security.sign', 'true, false or a function', sign);
  if (verify !== undefined && typeof verify !== 'function') throw wrong('security.verify', 'a function', verify);
  for (const key of frameKeys) {
    if (security[key] !== undefined && sign !== true)
      throw wrong(`security.${key}`, 'nothing, since only "sign: true" uses it', security[key]);
  }
  if (trustOnFirstUse !== undefined && typeof trustOnFirstUse !== 'boolean')
    throw wrong('security.trustOnFirstUse', 'true or false', trustOnFirstUse);
  integer('security.freshness', freshness, 1_000, 86_400_000);
  if (keys !== undefined && typeof keys !== 'function') checkPinned(keys);
  if (sign === true) checkMethods('crypto', crypto, ['publicKey', 'sign', 'verify']);
}

function checkPinned(keys: Readonly<Record<string, NodeKeys>>): void {
  expectObject('security.keys', keys);
  for (const [id, given] of Object.entries(keys)) {
    const list: readonly unknown[] = Array.isArray(given) ? given : [given];
    if (list.length === 0 || !list.every(isPublicKey))
      throw wrong(
        `security.keys["${id}"]`,
        'a public key (32 bytes or 64 hexadecimal digits, and not of small order), or a list of them',
        typeof given,
      );
  }
}
