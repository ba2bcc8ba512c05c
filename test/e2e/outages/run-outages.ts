import { startCluster } from "../../../deploy/prove/cluster.ts";
import { slowness } from "../hostile-plugins/ticks.ts";
import { Drill } from "./drill.ts";
import type { Outage } from "./outages.ts";
import { problemsOf } from "./problems.ts";

/** One outage after the other on one cluster, told as they go. @returns whether all went as it should. */
export async function runOutages(outages: readonly Outage[]): Promise<boolean> {
  const parts = { runners: 3, schedulers: 3, configs: 2, gateways: 2, hostsPerRunner: 1 };
  const cluster = await startCluster({ groupId: "outages", ...parts });
  let good = true;
  try {
    const drill = await Drill.start(cluster);
    for (const outage of outages) {
      const result = await drill.during(() => outage.run(cluster));
      const problems = problemsOf(outage, result, slowness());
      good &&= problems.length === 0;
      const { dataGapMs, recoveredMs, moved, accepted, forgotten } = result;
      const times = `no data for at most ${(dataGapMs / 1000).toFixed(1)} s, all well ${(recoveredMs / 1000).toFixed(1)} s after it`;
      const counts = `${moved.length} tasks moved, ${forgotten} of ${accepted} accepted config writes lost`;
      console.log(`${problems.length === 0 ? "✓" : "✗"} ${outage.name}: ${times}, ${counts}`);
      for (const problem of problems) console.log(`    ${problem}`);
    }
    const wrong = await drill.verify();
    for (const text of wrong) console.log(`✗ ${text}`);
    console.log(wrong.length === 0 ? "Every record is there once and in order." : "NOT exactly once.");
    return good && wrong.length === 0;
  } catch (error) {
    console.error(cluster.logTails(30));
    throw error;
  } finally {
    await cluster.stop();
  }
}
