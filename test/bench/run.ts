import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { refresh } from "../../deploy/dev/bundle.mjs";
import { cacheDir } from "../../deploy/dev/setup/places.mjs";
import { startStack } from "../../deploy/dev/stack.ts";
import { type ClusterWorkload, clusterWorkloads } from "./cluster/workloads.ts";
import { judge, type Report } from "./judge.ts";

/** Millrace and Kafka Connect through the same workloads, on one broker, in one go. See README.md. */
const { values: options } = parseArgs({
  options: {
    workloads: { type: "string", default: "file-source-eos,smt-chain,jdbc-source,jdbc-sink,startup" },
    repeat: { type: "string", default: "6" },
    "skip-warm-up": { type: "boolean", default: false },
    scale: { type: "string", default: "1" },
    out: { type: "string" },
    "skip-peer": { type: "boolean", default: false },
    "skip-millrace": { type: "boolean", default: false },
    /** Failover of the peer with its default delay: six minutes more. */
    "peer-defaults": { type: "boolean", default: false },
    /** Shares of the work of the cluster workloads, and of what they print: for a try. */
    "cluster-scale": { type: "string", default: "1" },
  },
});
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const results = options.out ?? join(here, "results");
const peerHome = process.env.PEER_HOME ?? join(cacheDir, "peer");
const brokerDir = join(mkdtempSync(join(tmpdir(), "millrace-bench-broker-")), "broker");
const say = (line: string) => process.stdout.write(`${line}\n`);

mkdirSync(results, { recursive: true });
const dir = mkdtempSync(join(tmpdir(), "millrace-bench-"));
fetchPeer();
const ofClusters = options.workloads.split(",").filter((name): name is ClusterWorkload => name in clusterWorkloads);
if (ofClusters.length > 0) {
  const log4j = join(here, "driver/peer-log4j2.properties");
  const peer = options["skip-peer"] ? null : { peerHome, log4j, defaults: options["peer-defaults"] };
  await refresh(say);
  for (const name of ofClusters) {
    const scale = Number(options["cluster-scale"]);
    const { files } = await clusterWorkloads[name]({
      ...{ peer, scale, say },
      ours: !options["skip-millrace"],
      before: (file) => (existsSync(join(results, file)) ? readFileSync(join(results, file), "utf8") : null),
    });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(results, file), text);
    say(`\n${files[`${name}.md`]}`);
  }
  rmSync(dir, { recursive: true, force: true });
  process.exit(0);
}
say("Starting Kafka and Postgres …");
const bootstrapServers = process.env.KAFKA_BOOTSTRAP_SERVERS ?? (await startBroker());
const stack = await startStack({ postgres: true });
let failed = false;
try {
  const ourCommand = `node ${join(root, "libs/cli/bin/millrace.mjs")} standalone {props} --set millrace.data.dir={dir}/state`;
  // The broker is warm for both; then one worker after the other, because both at once would share the cores.
  if (!options["skip-warm-up"]) drive("warm-up", ourCommand, "", { workloads: "file-source-eos", repeat: "3" });
  if (!options["skip-peer"]) drive("connect-4.3.1", peerCommand(), `${peerHome}/plugins`);
  drive("millrace", ourCommand, "");
  const ours = read("millrace");
  const peer = options["skip-peer"] ? recorded() : read("connect-4.3.1");
  const { table, reached } = judge(ours, peer, recorded());
  writeFileSync(join(results, "ratios.md"), table);
  say(`\n${table}`);
  failed = !reached;
} finally {
  await stack.stop();
  spawnSync("bash", [join(here, "peer/peer.sh"), "stop", brokerDir], { stdio: "ignore" });
  rmSync(dir, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);

/** The real Kafka Connect from Maven Central, kept in the cache. */
function fetchPeer(): void {
  if (existsSync(join(peerHome, "kafka/.complete"))) return;
  say("Fetching Kafka Connect 4.3.1 and Debezium from Maven Central …");
  const { status } = spawnSync("bash", [join(here, "peer/peer.sh"), "fetch"], {
    env: { ...process.env, PEER_HOME: peerHome },
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("Kafka Connect could not be fetched: are Maven and Java 17 installed?");
}

/** As for the recorded figures: a heap of 1 GB and the G1 collector, not the small broker that tests start. */
async function startBroker(): Promise<string> {
  const port = await freePort();
  const { status } = spawnSync("bash", [join(here, "peer/peer.sh"), "broker", brokerDir, String(port)], {
    env: { ...process.env, PEER_HOME: peerHome },
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`Kafka did not start, see ${brokerDir}/broker.log`);
  return `127.0.0.1:${port}`;
}

/** One whose next is free too, for the controller. */
async function freePort(): Promise<number> {
  const taken = (port: number) =>
    new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once("error", () => resolve(true));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(false)));
    });
  for (let port = 23_092; ; port += 2) if (!(await taken(port)) && !(await taken(port + 1))) return port;
}

/** With the flags that Kafka's own start script gives. */
function peerCommand(): string {
  const flags =
    "-Xms256m -Xmx2g -server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 -XX:+ExplicitGCInvokesConcurrent -XX:MaxInlineLevel=15 -Djava.awt.headless=true";
  const log = `-Dlog4j2.configurationFile=${join(here, "driver/peer-log4j2.properties")}`;
  return `java ${flags} ${log} -cp '${peerHome}/kafka/*' org.apache.kafka.connect.cli.ConnectDistributed {props}`;
}

function drive(
  label: string,
  startCommand: string,
  pluginPath: string,
  { workloads, repeat } = { workloads: options.workloads, repeat: options.repeat },
): void {
  say(`\n== ${label}`);
  const out = label === "warm-up" ? dir : results;
  const args = [
    ...[join(here, "driver/bench.mjs"), "--start-cmd", startCommand, "--plugin-path", pluginPath, "--label", label],
    ...["--bootstrap", bootstrapServers, "--pg", stack.env.DATABASE_URL!, "--data", join(dir, label)],
    ...["--workloads", workloads, "--repeat", repeat, "--scale", options.scale, "--timeout", "120"],
    ...["--json", join(out, `${label}.json`), "--md", join(out, `${label}.md`)],
  ];
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit", cwd: root });
  if (status !== 0) say(`${label}: some runs failed, see ${join(results, `${label}.md`)}`);
}

function read(label: string): Report {
  return JSON.parse(readFileSync(join(results, `${label}.json`), "utf8"));
}

/** Recorded on another machine of the same kind: for what the peer can't run here. */
function recorded(): Report {
  return JSON.parse(readFileSync(join(here, "reference/connect-4.3.1.json"), "utf8"));
}
