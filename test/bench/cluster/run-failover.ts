import { connectWorkers } from "./connect-workers.ts";
import { type FailoverResult, measureFailover } from "./failover.ts";
import { millraceWorkers } from "./millrace-workers.ts";
import type { WorkerSet } from "./worker-set.ts";
import type { ClusterBench } from "./workloads.ts";

const CONNECTORS = 12;
const TIMEOUT_MS = 60_000;
/** Connect's default delay is five minutes. */
const DEFAULTS_TIMEOUT_MS = 450_000;

/** Millrace, then Connect without its delay, then, if wanted, Connect as it comes. */
export async function runFailover({ peer, ours, scale, say }: ClusterBench): Promise<FailoverResult[]> {
  const plan = {
    connectors: CONNECTORS,
    crashes: Math.ceil(30 * scale),
    drains: Math.ceil(10 * scale),
    timeoutMs: TIMEOUT_MS,
  };
  const results = ours ? [await measured(millraceWorkers(), plan, say)] : [];
  if (peer === null) return results;
  const three = { ...peer, workers: 3 };
  const prompt = { ...plan, crashes: 4, drains: 2 };
  const promptly = await measured(connectWorkers(three, { "scheduled.rebalance.max.delay.ms": "0" }), prompt, say);
  results.push({ ...promptly, label: `${promptly.label}, scheduled.rebalance.max.delay.ms=0` });
  if (!peer.defaults) return results;
  const once = { ...plan, crashes: 1, drains: 0, timeoutMs: DEFAULTS_TIMEOUT_MS };
  results.push(await measured(connectWorkers(three, {}), once, say));
  return results;
}

async function measured(
  starting: Promise<WorkerSet>,
  plan: Parameters<typeof measureFailover>[1],
  say: (line: string) => void,
) {
  const set = await starting;
  try {
    return await measureFailover(set, plan, say);
  } finally {
    await set.stop();
  }
}
