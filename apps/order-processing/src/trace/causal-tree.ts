/** An event as the tree needs it. */
export interface TracedEvent {
  readonly id: string;
  readonly type: string;
  readonly sender: string;
  /** The addressed node; absent for a broadcast. */
  readonly target?: string;
  readonly causationId?: string;
  readonly correlationId: string;
  readonly depth: number;
}

/**
 * Draws which event caused which, one line for each event: its type, and who sent it to whom. Events with the same cause
 * stand in the order they are given in. An event whose cause is not in the list is drawn as a root, and says so.
 *
 * Takes any list, also with repeated ids (the first stands) and with causes that go round in a circle.
 */
export function causalTree(events: readonly TracedEvent[]): string[] {
  const known = new Map<string, TracedEvent>();
  for (const event of events) if (!known.has(event.id)) known.set(event.id, event);
  const effects = new Map<string, TracedEvent[]>();
  const roots: TracedEvent[] = [];
  for (const event of known.values()) {
    const { causationId } = event;
    const cause = causationId === undefined ? undefined : known.get(causationId);
    if (cause === undefined) {
      roots.push(event);
      continue;
    }
    const siblings = effects.get(cause.id);
    if (siblings === undefined) effects.set(cause.id, [event]);
    else siblings.push(event);
  }

  const rows: { readonly left: string; readonly event: TracedEvent }[] = [];
  const drawn = new Set<string>();
  // What goes round in a circle has no root: it is entered anywhere, once everything else is drawn.
  for (const root of [...roots, ...known.values()]) {
    // A stack of our own, since a chain of causes may be longer than the call stack.
    const waiting = [{ event: root, lead: '', trunk: '' }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { event, lead, trunk } = next;
      if (drawn.has(event.id)) continue;
      drawn.add(event.id);
      rows.push({ left: lead + event.type, event });
      const below = effects.get(event.id) ?? [];
      let last = true;
      for (const effect of below.toReversed()) {
        waiting.push({ event: effect, lead: trunk + (last ? '└─ ' : '├─ '), trunk: trunk + (last ? '   ' : '│  ') });
        last = false;
      }
    }
  }
  const width = rows.reduce((widest, { left }) => Math.max(widest, left.length), 0);
  return rows.map(({ left, event }) => `${left.padEnd(width)}  ${way(event, known)}`);
}

function way({ sender, target, causationId }: TracedEvent, known: ReadonlyMap<string, TracedEvent>): string {
  const hop = target === undefined ? `${sender} ⇒ everyone` : `${sender} → ${target}`;
  return causationId === undefined || known.has(causationId) ? hop : `${hop}  (its cause was not recorded)`;
}
