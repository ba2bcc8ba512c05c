import { setFlagsFromString } from "node:v8";
import type { WorkerConfigSources } from "@millrace/service";
import { processEnv } from "@millrace/service/process-env";
import { millraceVersion } from "@millrace/service/version";
import type { SourceKind } from "../../deploy/prove/streams.ts";
import type { Arguments, OptionSpecs } from "./arguments.ts";
import { remoteCommands } from "./remote/commands.ts";
import { serverOptions } from "./remote/session.ts";

export interface Command {
  readonly summary: string;
  readonly arguments: string;
  readonly options: OptionSpecs;
  /** For completion: first words of what has several commands in it. */
  readonly words?: readonly string[];
  /** For completion: takes names of connectors. */
  readonly connectors?: boolean;
  /** Resolves with the exit code. Modules are loaded when their command runs, so that each starts quickly. */
  run(args: Arguments): Promise<number>;
}

const WORKER = "[worker.properties] [--set key=value …]";
const JSON_CONVERTER = "org.apache.kafka.connect.json.JsonConverter";

export const commands: Readonly<Record<string, Command>> = {
  ...remoteCommands,
  standalone: {
    summary: "everything in one process: the four services, state in a data folder, tasks in host processes",
    arguments: "[worker.properties] [connector.properties|.json …] [--set key=value …]",
    options: {},
    async run({ files: [file, ...connectorFiles], overrides }) {
      // This process only directs: its task hosts do the work. Small counts for more than fast.
      setFlagsFromString("--optimize-for-size");
      const { runStandalone } = await import("../../deploy/standalone/standalone.ts");
      const worker = file === undefined ? withoutFile(overrides) : { file, env: processEnv(), overrides };
      return runStandalone({ worker, connectorFiles });
    },
  },
  gateway: {
    summary: "Kafka Connect's REST API",
    arguments: WORKER,
    options: {},
    run: async (args) => (await import("@millrace/gateway")).runGateway(sourcesOf(args, "services")),
  },
  config: {
    summary: "desired state: connectors, task configs, history; needs Postgres",
    arguments: WORKER,
    options: {},
    run: async (args) => (await import("@millrace/config")).runConfig(sourcesOf(args, "services")),
  },
  scheduler: {
    summary: "placement and observed state; needs Postgres; run two or more, one leads",
    arguments: WORKER,
    options: {},
    run: async (args) => (await import("@millrace/scheduler")).runScheduler(sourcesOf(args, "services")),
  },
  runner: {
    summary: "runs connectors and tasks in task host processes; needs Kafka",
    arguments: WORKER,
    options: {},
    run: async (args) => (await import("@millrace/runner")).runRunner(sourcesOf(args, "runner")),
  },
  cluster: {
    summary: "for development: all services as local processes, with real NATS and Postgres",
    arguments: "[worker.properties] [--runners N] [--schedulers N] [--gateways N] [--set key=value …]",
    options: {
      runners: { value: true, help: "how many runners (default 2)" },
      schedulers: { value: true, help: "how many schedulers (default 2)" },
      gateways: { value: true, help: "how many gateways, on ports counting up from the listener's (default 1)" },
    },
    async run({ files: [file], overrides, options }) {
      const { runCluster } = await import("../../deploy/dev/cluster.ts");
      const number = (name: string, fallback: number) => positive(name, options[name] ?? String(fallback));
      const [runners, schedulers, gateways] = [number("runners", 2), number("schedulers", 2), number("gateways", 1)];
      return runCluster({ ...(file === undefined ? {} : { file }), overrides, runners, schedulers, gateways });
    },
  },
  demo: {
    summary: "a live Postgres database flows into Kafka exactly once while task hosts are killed",
    arguments: "[--full] [--once] [--rows N]",
    options: {
      full: { value: false, help: "polled and captured tables into Elasticsearch and another Postgres, compared" },
      once: { value: false, help: "end after the comparison, exit code 0 or 1" },
      rows: { value: true, help: "rows to write before the comparison (default 60000)" },
    },
    async run({ options }) {
      const rows = positive("rows", options.rows ?? "60000");
      if (options.full === "true") {
        const { runFullDemo } = await import("../../deploy/dev/demo/full-demo.ts");
        return runFullDemo({ rows });
      }
      const { runDemo } = await import("../../deploy/dev/demo/demo.ts");
      return runDemo({ once: options.once === "true", rows });
    },
  },
  prove: {
    summary: "counts records through a cluster of 3 runners and 3 schedulers that is killed, frozen and cut apart",
    arguments: "[--source file|jdbc|cdc] [--kills N] [--records M] [--seed S]",
    options: {
      source: { value: true, help: "file, jdbc, both as file,jdbc (default jdbc), or cdc" },
      kills: { value: true, help: "how many kills, at random and at named fail points (default 50)" },
      records: { value: true, help: "how many records (default 500000); with cdc, rows to begin with (default 20000)" },
      seed: { value: true, help: "repeats the order of kills of another run (default: a random one)" },
      "phase-ms": { value: true, help: "the time between two kills in which records are written (default 2000)" },
    },
    async run({ options }) {
      const { runCdcProve, runProve } = await import("../../deploy/prove/prove.ts");
      const number = (name: string, fallback: number) => positive(name, options[name] ?? String(fallback));
      const [kills, records, phaseMs] = [number("kills", 50), number("records", 500_000), number("phase-ms", 2_000)];
      const seed = number("seed", Date.now() % 1_000_000);
      if (options.source === "cdc") return runCdcProve({ kills, records: number("records", 20_000), seed });
      return runProve({ sources: sourceKinds(options.source ?? "jdbc"), records, kills, seed, phaseMs });
    },
  },
  version: {
    summary: "the version",
    arguments: "",
    options: {},
    run: async () => print(`millrace ${millraceVersion}\n`),
  },
  help: { summary: "this list", arguments: "", options: {}, run: async () => print(usage()) },
};

/** All commands, or some of them. */
export function usage(names: readonly string[] = Object.keys(commands)): string {
  const width = Math.max(...names.map((name) => name.length)) + 2;
  const lines = names.flatMap((name) => {
    const { summary, arguments: takes, options } = commands[name]!;
    return [
      `  ${name.padEnd(width)}${summary}`,
      ...(takes === "" ? [] : [`  ${" ".repeat(width)}millrace ${name} ${takes}`]),
      ...Object.entries(options)
        .filter(([option]) => names.length === 1 || !(option in serverOptions))
        .map(([option, { help, short }]) => {
          return `  ${" ".repeat(width)}--${option}${short === undefined ? "" : `, -${short}`}: ${help}`;
        }),
    ];
  });
  return `millrace: Kafka Connect in TypeScript\n\n${lines.join("\n")}\n\nCommands that ask a server take --url and --context; 'millrace <command> --help' tells more. Exit codes: 0 done, 1 failed
or different, 2 wrong use, 3 not found, 4 nobody answers. Worker settings also come from CONNECT_* variables, as in Kafka
Connect's containers.\n`;
}

/** Services of a cluster need a group id only; a runner needs all that a Connect worker needs. */
function sourcesOf({ files: [file], overrides }: Arguments, kind: "services" | "runner"): WorkerConfigSources {
  return {
    ...(file === undefined ? {} : { file }),
    env: processEnv(),
    overrides,
    mode: "distributed",
    ...(kind === "services" ? { kafka: false } : {}),
  };
}

/** Standalone on nothing but a broker: schema'd JSON, as in Connect's own sample files. */
function withoutFile(overrides: Readonly<Record<string, string>>): WorkerConfigSources {
  const env = processEnv();
  const bootstrap = env.KAFKA_BOOTSTRAP_SERVERS ?? "localhost:9092";
  const text = `bootstrap.servers=${bootstrap}\nkey.converter=${JSON_CONVERTER}\nvalue.converter=${JSON_CONVERTER}\n`;
  return { text, env, overrides, mode: "standalone" };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} ${text}: give a whole number above 0`);
}

function sourceKinds(text: string): SourceKind[] {
  return text.split(",").map((kind) => {
    if (kind === "file" || kind === "jdbc") return kind;
    throw new Error(`--source ${text}: give file, jdbc or file,jdbc`);
  });
}

async function print(text: string): Promise<number> {
  process.stdout.write(text);
  return 0;
}
