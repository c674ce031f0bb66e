import type { Knowledge, PartName, ServiceSettings } from '../parts.js';
import type { Patience } from '../nodes/asking.js';
import type { Emissions } from '../trace/emission-recorder.js';

/** Where the processes of a run meet. */
export interface Meeting {
  readonly servers: readonly string[];
  /** The name of the space: two runs at one server don't see each other. */
  readonly space: string;
}

/** What a part's process is told. */
export type ToPart =
  | {
      readonly kind: 'begin';
      readonly part: PartName;
      readonly meeting: Meeting;
      readonly settings: ServiceSettings;
      readonly knowledge: Knowledge;
      readonly patience: Patience;
      /** What its recorder keeps. */
      readonly correlationId: string | undefined;
    }
  | { readonly kind: 'open' }
  | { readonly kind: 'tell-emissions' }
  | { readonly kind: 'close' };

/** What it tells. */
export type FromPart =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failure'; readonly message: string }
  | { readonly kind: 'emissions'; readonly emissions: Emissions };
