/**
 * What Standard Schema (https://standardschema.dev, version 1) asks of a schema, as far as it is used here. Zod, Valibot, ArkType
 * and others make such schemas; an object with these members, written by hand, is one as well.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    /** Who made it. */
    readonly vendor: string;
    /** Checks a value, and may make another of it. */
    readonly validate: (value: unknown) => SchemaOutcome<Output> | Promise<SchemaOutcome<Output>>;
    /** Compile time only. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says of a value: what it made of it, or what is wrong with it. */
export type SchemaOutcome<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong with a value. */
export interface SchemaIssue {
  readonly message: string;
  /** From the value down; a step may stand in an object, as its `key`. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Schemas for the payloads of types of events, by type. */
export interface EventSchemas {
  readonly [type: string]: StandardSchema<any, any>;
}
