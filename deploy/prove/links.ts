import { freePort } from "../dev/probe.mjs";
import { type KafkaServer, startKafka } from "../dev/stack.ts";
import { Link } from "./link.ts";

export interface ServiceNames {
  readonly runners: readonly string[];
  readonly schedulers: readonly string[];
  readonly configs: readonly string[];
  readonly gateways: readonly string[];
}

export interface Links {
  readonly all: readonly Link[];
  /** Of the rows, as runners reach them. */
  readonly sourceUrl: string;
  /** The worker settings that lead a service through its own links. */
  settingsOf(service: string): Record<string, string>;
}

/** A broker with one more port for each runner: it tells clients where to go on, so a proxy must be known to it. */
export async function startLinkedKafka(
  dir: string,
  runners: readonly string[],
): Promise<{ kafka: KafkaServer; links: ReadonlyMap<string, Link> }> {
  const links = new Map<string, Link>();
  const proxied: { port: number; advertisedPort: number }[] = [];
  for (const runner of runners) {
    const port = await freePort();
    const link = await Link.open(`${runner} ↔ Kafka`, port);
    links.set(runner, link);
    proxied.push({ port, advertisedPort: link.port });
  }
  return { kafka: await startKafka({ dir, proxied }), links };
}

/** Every service gets a link of its own to every server it talks to; all runners share the one to the source database. */
export async function openLinks(
  names: ServiceNames,
  kafka: ReadonlyMap<string, Link>,
  urls: { readonly nats: string; readonly control: string; readonly source: string },
): Promise<Links> {
  const { runners, schedulers, configs, gateways } = names;
  const open = async (service: string, server: string, url: string) =>
    [service, await Link.open(`${service} ↔ ${server}`, portOf(url))] as const;
  const onBus = [...runners, ...schedulers, ...configs, ...gateways];
  const nats = new Map(await Promise.all(onBus.map((name) => open(name, "NATS", urls.nats))));
  const control = new Map(
    await Promise.all([...schedulers, ...configs].map((name) => open(name, "Postgres", urls.control))),
  );
  const [, source] = await open("runners", "source database", urls.source);
  return {
    all: [...kafka.values(), ...nats.values(), ...control.values(), source],
    sourceUrl: through(urls.source, source),
    settingsOf(service) {
      const [toKafka, toControl] = [kafka.get(service), control.get(service)];
      return {
        "millrace.nats.url": through(urls.nats, nats.get(service)!),
        ...(toControl === undefined ? {} : { "millrace.database.url": through(urls.control, toControl) }),
        ...(toKafka === undefined ? {} : { "bootstrap.servers": `127.0.0.1:${toKafka.port}` }),
      };
    },
  };
}

const portOf = (url: string): number => Number(new URL(url).port);
const through = (url: string, { port }: Link): string => url.replace(`:${portOf(url)}`, `:${port}`);
