import { nkeys } from '@nats-io/nats-core';

type KeyPair = ReturnType<typeof nkeys.createUser>;

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** A server in operator mode with one account, the credentials of a user, and those of one whose account nobody knows. */
export function operatorMode(): { config: string; credentials: string; stranger: string } {
  const operator = nkeys.createOperator();
  const account = nkeys.createAccount();
  const operatorToken = token(operator, operator, { type: 'operator' });
  const accountToken = token(operator, account, { type: 'account', limits: unlimited });
  return {
    config: [
      `operator: ${operatorToken}`,
      'resolver: MEMORY',
      `resolver_preload: { ${account.getPublicKey()}: ${accountToken} }`,
    ].join('\n'),
    credentials: credentialsOf(account),
    stranger: credentialsOf(nkeys.createAccount()),
  };
}

const unlimited = {
  subs: -1,
  data: -1,
  payload: -1,
  imports: -1,
  exports: -1,
  wildcards: true,
  conn: -1,
  leaf: -1,
};

function credentialsOf(account: KeyPair): string {
  const user = nkeys.createUser();
  const jwt = token(account, user, { type: 'user', pub: {}, sub: {}, subs: -1, data: -1, payload: -1 });
  return [
    '-----BEGIN NATS USER JWT-----',
    jwt,
    '------END NATS USER JWT------',
    '',
    '-----BEGIN USER NKEY SEED-----',
    text(user.getSeed()),
    '------END USER NKEY SEED------',
    '',
  ].join('\n');
}

function token(issuer: KeyPair, subject: KeyPair, claims: object): string {
  const header = part({ typ: 'JWT', alg: 'ed25519-nkey' });
  const body = part({
    jti: subject.getPublicKey(),
    iat: 1_700_000_000,
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name: 'test',
    nats: { ...claims, version: 2 },
  });
  const signature = issuer.sign(new TextEncoder().encode(`${header}.${body}`));
  return `${header}.${body}.${Buffer.from(signature).toString('base64url')}`;
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
