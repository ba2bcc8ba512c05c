// An Elasticsearch of one node on 127.0.0.1, from what set-up fetched. It refuses root: there it runs as `nobody`.
import { chownSync, existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { elasticsearchAnswers, freePort } from "./probe.mjs";
import { type Account, type ServerProcess, startServer } from "./server-process.ts";
import { findCommand } from "./setup/command.mjs";
import { elasticsearchDir, elasticsearchVersion } from "./setup/places.mjs";
import { reachableCopy, reachableDir, unprivilegedAccount } from "./unprivileged.ts";

export type ElasticsearchServer = ServerProcess & { readonly url: string };

export type ElasticsearchOptions = {
  /** Holds data, settings and log, as with Postgres; data found there is used again. */
  readonly dir: string;
  /** A free one unless given. */
  readonly port?: number;
  /** 512 unless given. */
  readonly heapMbMax?: number;
  /** Compiles hot code as a server that lives long does: for benchmarks. Without, it starts in half the time. */
  readonly optimized?: boolean;
  /** Settings besides ours, as in elasticsearch.yml. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Further files of its configuration folder, by name: users, certificates. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Whether it takes requests; asked by plain HTTP unless given. */
  readonly answers?: (port: number) => Promise<boolean>;
};

const logSettings = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
`;

/** Starts Elasticsearch, security off, and waits until it takes requests (about 6 s). Throws when set-up has not fetched it. */
export async function startElasticsearch(options: ElasticsearchOptions): Promise<ElasticsearchServer> {
  if (!existsSync(elasticsearchDir)) {
    throw new Error(`no Elasticsearch in ${elasticsearchDir}: run  node deploy/dev/setup.mjs --only elasticsearch`);
  }
  const account = unprivilegedAccount("Elasticsearch");
  const home = reachableCopy(account, elasticsearchDir, `elasticsearch-${elasticsearchVersion}`);
  const dir = reachableDir(account, options.dir, "elasticsearch");
  const port = options.port ?? (await freePort());
  const config = join(dir, "config");
  const places = { data: join(dir, "data"), logs: join(dir, "logs"), tmp: join(dir, "tmp") };
  mkdirSync(dir, { recursive: true });
  for (const folder of [config, ...Object.values(places)]) ownedFolder(folder, account);
  const settings = {
    "discovery.type": "single-node",
    "http.host": "127.0.0.1",
    "http.port": String(port),
    "transport.host": "127.0.0.1",
    "transport.port": String(await freePort()),
    "path.data": places.data,
    "path.logs": places.logs,
    "cluster.routing.allocation.disk.threshold_enabled": "false",
    "xpack.security.enabled": "false",
    ...options.settings,
  };
  const files = {
    "elasticsearch.yml": lines(Object.entries(settings).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)),
    "jvm.options": lines(jvmOptions(options.heapMbMax ?? 512, options.optimized ?? false)),
    "log4j2.properties": logSettings,
    ...options.files,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(config, name), content);
  const answers = options.answers ?? elasticsearchAnswers;
  const server = await startServer({
    name: "Elasticsearch",
    command: join(home, "bin/elasticsearch"),
    args: [],
    logFile: join(dir, "elasticsearch.log"),
    answers: () => answers(port),
    stopSignal: "SIGTERM",
    // It is a launcher, which starts the server itself.
    wholeGroup: true,
    env: {
      ES_JAVA_HOME: javaHome(),
      ES_PATH_CONF: config,
      ES_TMPDIR: places.tmp,
      ES_JAVA_OPTS: "",
      HOSTNAME: "millrace",
    },
    ...(account ? { account } : {}),
  });
  return Object.defineProperties(server, {
    url: { value: `http://127.0.0.1:${port}`, enumerable: true },
  }) as ElasticsearchServer;
}

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join("");

function jvmOptions(heapMbMax: number, optimized: boolean): string[] {
  // Its sandbox takes /tmp, Java's default, for a folder that it may not share.
  const options = ["-XX:+UseSerialGC", `-Xms${heapMbMax}m`, `-Xmx${heapMbMax}m`, "-Djava.io.tmpdir=${ES_TMPDIR}"];
  return optimized ? options : [...options, "-XX:TieredStopAtLevel=1"];
}

function ownedFolder(path: string, account: Account | undefined): void {
  mkdirSync(path, { recursive: true });
  if (account) chownSync(path, account.uid, account.gid);
}

/** Elasticsearch looks for Java here and nowhere else. */
function javaHome(): string {
  const java = findCommand("java");
  if (java === undefined) throw new Error("no java in PATH, which Elasticsearch needs: install Java 17 or newer");
  return dirname(dirname(realpathSync(java)));
}
