import { setTimeout as sleep } from "node:timers/promises";
import { startCluster } from "../../../deploy/prove/cluster.ts";
import { sendSignal } from "../../../deploy/prove/killer.ts";
import type { WorkerSet } from "./worker-set.ts";

/** Three runners, two schedulers, a config service and a gateway, as `npx millrace prove` starts them. */
export async function millraceWorkers(): Promise<WorkerSet> {
  const parts = { runners: 3, schedulers: 2, configs: 1, gateways: 1, hostsPerRunner: 1 };
  const cluster = await startCluster({ groupId: "failover", ...parts });
  return {
    label: "millrace",
    bootstrapServers: cluster.kafka.bootstrapServers,
    dir: cluster.dir,
    workers: cluster.runners.map((runner) => ({
      id: cluster.workerIdOf(runner),
      get pid() {
        return runner.pid;
      },
      async crash() {
        const hosts = cluster.hostPids(runner);
        const ended = runner.kill("SIGKILL");
        for (const pid of hosts) sendSignal(pid, "SIGKILL");
        await ended;
      },
      drain: () => runner.kill("SIGTERM"),
      async restart() {
        await runner.restart();
        await sleep(500);
      },
    })),
    restWithout: () => cluster.rest,
    stop: () => cluster.stop(),
  };
}
