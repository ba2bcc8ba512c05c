import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { refresh } from "../../../deploy/dev/bundle.mjs";
import { type Cluster, startCluster } from "../../../deploy/prove/cluster.ts";
import { slowness } from "../hostile-plugins/ticks.ts";
import { Drill } from "./drill.ts";
import { outages } from "./outages.ts";
import { problemsOf } from "./problems.ts";

let cluster: Cluster;
let drill: Drill;

before(async () => {
  await refresh((text: string) => console.error(text));
  cluster = await startCluster({
    groupId: "outages",
    runners: 2,
    schedulers: 2,
    configs: 2,
    gateways: 2,
    hostsPerRunner: 1,
  });
  drill = await Drill.start(cluster);
});
after(() => cluster?.stop());

for (const outage of outages.filter(({ brief }) => brief)) {
  test(`${outage.name}: data flows on, no accepted config is lost, and everything runs again`, async () => {
    const result = await drill.during(() => outage.run(cluster));
    const text = `${JSON.stringify(result)}\n`;
    assert.deepEqual(problemsOf(outage, result, slowness()), [], `${text}${cluster.logTails(20)}`);
  });
}

test("after all that every record is there once and in order", async () => {
  assert.deepEqual(await drill.verify(), []);
});
