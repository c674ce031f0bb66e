/** The entry `@happen/core/otel`: spans and durations of what a space does, for OpenTelemetry. */
export { otel } from './otel/otel.js';
export type { OtelOptions } from './otel/otel.js';
export type { Propagator } from './otel/trace-context.js';
