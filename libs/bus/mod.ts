export type { Bus, RequestOptions, RespondOptions, Subscription } from "./bus.ts";
export type { BusLogger } from "./logger.ts";
export { MemoryHub, type MemoryHubOptions, memoryBus, type Passage, type PassageFilter } from "./memory.ts";
export { connectNats, type NatsOptions } from "./nats.ts";
export { subjectPrefix } from "./wire.ts";
