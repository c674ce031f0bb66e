/** The files that let a server speak TLS, in PEM form. */
export interface ServerTls {
  readonly certFile: string;
  readonly keyFile: string;
  /** Whose certificates are trusted. */
  readonly caFile?: string;
  /** Whether clients have to show a certificate of `caFile`'s. */
  readonly verify?: boolean;
}

/** The ports of a server; 0 for what it does not offer, -1 before it has chosen. */
export interface ServerPorts {
  readonly client: number;
  readonly webSocket: number;
  readonly monitoring: number;
  readonly cluster: number;
}

/** What a server's configuration file is made of. */
export interface Configuration {
  readonly name: string;
  readonly ports: ServerPorts;
  readonly portsFolder: string;
  readonly storeDir: string | undefined;
  readonly tls: ServerTls | undefined;
  readonly maxPayload: number | undefined;
  readonly cluster: { readonly name: string; readonly routes: readonly number[] } | undefined;
  readonly config: string;
}

/** Writes a configuration in nats-server's own language. */
export function configurationText(of: Configuration): string {
  const { name, ports, portsFolder, storeDir, tls, maxPayload, cluster, config } = of;
  const encrypted = tls === undefined ? [] : [`tls { ${tlsText(tls)} }`];
  const lines = [
    `server_name: ${quoted(name)}`,
    'host: "127.0.0.1"',
    `port: ${ports.client}`,
    `http: "127.0.0.1:${ports.monitoring}"`,
    `ports_file_dir: ${quoted(portsFolder)}`,
    ...encrypted,
  ];
  if (maxPayload !== undefined)
    lines.push(`max_payload: ${maxPayload}`, `max_pending: ${Math.max(67108864, maxPayload)}`);
  if (storeDir !== undefined) lines.push(`jetstream { store_dir: ${quoted(storeDir)} }`);
  if (ports.webSocket !== 0) {
    const security = encrypted[0] ?? 'no_tls: true';
    lines.push(`websocket {\n  host: "127.0.0.1"\n  port: ${ports.webSocket}\n  ${security}\n}`);
  }
  if (cluster !== undefined) {
    const routes = cluster.routes.map((port) => quoted(`nats://127.0.0.1:${port}`)).join(', ');
    lines.push(
      `cluster {\n  name: ${quoted(cluster.name)}\n  host: "127.0.0.1"\n  port: ${ports.cluster}\n  routes: [${routes}]\n}`,
    );
  }
  return `${lines.join('\n')}\n${config}\n`;
}

function tlsText({ certFile, keyFile, caFile, verify }: ServerTls): string {
  const settings = [`cert_file: ${quoted(certFile)}`, `key_file: ${quoted(keyFile)}`];
  if (caFile !== undefined) settings.push(`ca_file: ${quoted(caFile)}`);
  if (verify === true) settings.push('verify: true');
  return settings.join(', ');
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
