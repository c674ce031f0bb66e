/** The hooks around emissions of several extensions, as one: they begin in the order of installation, and end in the opposite one. */
import type { HappenError } from '../errors/happen-error.js';
import type { HappenEvent, Outgoing } from '../event/event.js';
import { checkEventType } from '../event/event-type.js';
import { checkOutgoing } from '../event/stamp.js';
import type { FlowContext } from '../flow/step.js';
import type { EmissionInterceptor, EmissionWatching } from '../talk/emission-watching.js';
import { type ExtensionFailures, refused } from './extension-failures.js';
import type { InstalledHooks } from './intercept-key.js';
import type { EmissionWatch } from './interception.js';

/** Asks each of the extensions that look at emissions. */
export function interceptEmissions(
  installed: readonly InstalledHooks[],
  failures: ExtensionFailures,
): EmissionInterceptor {
  const extensions = installed.filter(({ hooks }) => hooks.emission !== undefined);
  return {
    begin(emission, { sender, target, events, cause, flow }) {
      for (const event of events) {
        checkOutgoing(event);
        checkEventType(event.type);
      }
      const { type } = events[0] as Outgoing;
      const what = `"${type}" of "${sender}"`;
      let added: object | undefined;
      for (const { name, hooks } of extensions) {
        let open = true;
        const intercepted = {
          sender,
          target,
          type,
          events,
          cause,
          flow: flow as FlowContext<unknown> | undefined,
          addContext(context: object): void {
            if (!open) throw new Error('addContext() is possible until the hook returns.');
            added = { ...added, ...context };
          },
        };
        let watch: EmissionWatch | undefined;
        try {
          watch = hooks.emission?.(intercepted) ?? undefined;
        } catch (thrown) {
          throw refused(name, what, thrown);
        } finally {
          open = false;
        }
        if (watch === undefined) continue;
        failures.watch(watch, name, 'emission', sender, undefined);
        emission.watching = new WatchedEvents(emission.watching, watch, name, sender, what, failures);
      }
      return added === undefined ? events : events.map((event) => withContext(event, added as object));
    },
  };
}

class WatchedEvents implements EmissionWatching {
  readonly #outer: EmissionWatching | undefined;
  readonly #watch: EmissionWatch;
  readonly #extension: string;
  readonly #sender: string;
  readonly #what: string;
  readonly #failures: ExtensionFailures;
  #event: HappenEvent | undefined;

  constructor(
    outer: EmissionWatching | undefined,
    watch: EmissionWatch,
    extension: string,
    sender: string,
    what: string,
    failures: ExtensionFailures,
  ) {
    this.#outer = outer;
    this.#watch = watch;
    this.#extension = extension;
    this.#sender = sender;
    this.#what = what;
    this.#failures = failures;
  }

  stamped(events: readonly HappenEvent[]): void {
    this.#outer?.stamped(events);
    this.#event = events[events.length - 1];
    if (this.#watch.stamped === undefined) return;
    try {
      const outcome: unknown = this.#watch.stamped(events);
      this.#failures.watch(outcome, this.#extension, 'emission.stamped', this.#sender, this.#event);
    } catch (thrown) {
      throw refused(this.#extension, this.#what, thrown);
    }
  }

  ended(asked: boolean, value: unknown, error: HappenError | undefined): void {
    try {
      const outcome: unknown = this.#watch.ended?.({ asked, value, error });
      this.#failures.watch(outcome, this.#extension, 'emission.ended', this.#sender, this.#event);
    } catch (thrown) {
      this.#failures.add(this.#extension, 'emission.ended', thrown, this.#sender, this.#event);
    }
    this.#outer?.ended(asked, value, error);
  }
}

/** `origin` is joined key by key, as it is with what is inherited. */
function withContext(event: Outgoing, added: object): Outgoing {
  const given = event.context as { readonly origin?: unknown } | undefined;
  const { origin } = added as { readonly origin?: unknown };
  const joined =
    typeof origin === 'object' && typeof given?.origin === 'object'
      ? { origin: { ...given.origin, ...origin } }
      : undefined;
  return { ...event, context: { ...given, ...added, ...joined } };
}
