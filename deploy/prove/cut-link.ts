import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import type { Struck } from "./killer.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { Strike } from "./strikes.ts";

/** A moment; a while; past sessions and leases. */
const CUT_MS = [500, 2_500, 8_000];

/** Cuts one link for a while. */
export function cutLink(strike: Strike & { kind: "cut" }, cluster: Cluster, random: SeededRandom): Struck {
  const link = cluster.links.find(({ name }) => name === strike.link)!;
  const cutMs = random.pick(CUT_MS);
  link.cut(strike.how);
  return {
    what: `${strike.link} ${strike.how} for ${cutMs} ms`,
    async mend() {
      await sleep(cutMs);
      link.mend();
    },
  };
}
