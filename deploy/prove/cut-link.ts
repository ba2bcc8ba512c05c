import { setTimeout as sleep } from "node:timers/promises";
import { brokenMs, type StrikeContext, type Struck } from "./killer.ts";
import type { Strike } from "./strikes.ts";

/** Less than this and nothing may have been sent. */
const CUT_MS_MIN = 500;

/** Cuts one link for a while. */
export function cutLink(strike: Strike & { kind: "cut" }, context: StrikeContext): Struck {
  const link = context.cluster.links.find(({ name }) => name === strike.link)!;
  const cutMs = CUT_MS_MIN + brokenMs(context);
  link.cut(strike.how);
  return {
    what: `${strike.link} ${strike.how} for ${cutMs} ms`,
    async mend() {
      await sleep(cutMs);
      link.mend();
    },
  };
}
