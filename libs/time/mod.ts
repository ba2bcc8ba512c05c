export { type BackoffOptions, backoffMs } from "./backoff.ts";
export { type Clock, type Random, systemClock, systemRandom } from "./clock.ts";
export { VirtualClock } from "./virtual-clock.ts";
