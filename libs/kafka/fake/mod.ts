export { FakeCluster, type FakeClusterDeps } from "./cluster.ts";
export type { Fault, FaultPoint, Faults } from "./faults.ts";
export type { Isolation } from "./partition-log.ts";
export type { EndedTransaction } from "./transactions.ts";
