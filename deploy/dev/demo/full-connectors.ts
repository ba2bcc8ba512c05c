// Pure: the connectors of the whole demo, as Kafka Connect users write them.

type Config = Readonly<Record<string, string>>;

const POLLED = ["orders", "customers", "products"];
const CAPTURED = "parcels";

export interface DemoPlaces {
  readonly source: string;
  readonly copy: string;
  readonly elasticsearch: string;
  /** Begins every name, so that a second run on the same servers finds nothing of the first. */
  readonly run: string;
}

/** Of a table's records; its index and the table of its copy are named so too. */
export const topicOf = (run: string, table: string): string => `${run}-${table}`;

/** The slot and the publication of change data capture. */
export const slotOf = (run: string): string => run.replaceAll("-", "_");

export function fullConnectors(places: DemoPlaces): Readonly<Record<string, Config>> {
  const { run } = places;
  const source = new URL(places.source);
  const copy = new URL(places.copy);
  const topics = [...POLLED, CAPTURED].map((table) => topicOf(run, table)).join(",");
  return {
    "jdbc-source": {
      "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector",
      "tasks.max": "3",
      "connection.url": `jdbc:postgresql://${source.host}${source.pathname}`,
      "connection.user": "${secrets:postgres:username}",
      "connection.password": "${secrets:postgres:password}",
      mode: "incrementing",
      "incrementing.column.name": "id",
      "topic.prefix": `${run}-`,
      "table.whitelist": POLLED.join(","),
      "poll.interval.ms": "500",
      "numeric.mapping": "best_fit_eager_double",
      transforms: "createKey,extractId",
      "transforms.createKey.type": "org.apache.kafka.connect.transforms.ValueToKey",
      "transforms.createKey.fields": "id",
      "transforms.extractId.type": "org.apache.kafka.connect.transforms.ExtractField$Key",
      "transforms.extractId.field": "id",
    },
    "cdc-source": {
      "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
      "tasks.max": "1",
      "plugin.name": "pgoutput",
      "database.hostname": source.hostname,
      "database.port": source.port || "5432",
      "database.user": decodeURIComponent(source.username),
      "database.password": decodeURIComponent(source.password),
      "database.dbname": source.pathname.slice(1),
      "topic.prefix": run,
      "slot.name": slotOf(run),
      "publication.name": slotOf(run),
      "table.include.list": `public.${CAPTURED}`,
      transforms: "unwrap,route,extractId",
      "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
      // From run.public.parcels: what stands before a dot would be a schema for the JDBC sink.
      "transforms.route.type": "org.apache.kafka.connect.transforms.RegexRouter",
      "transforms.route.regex": "(.*)\\.public\\.(.*)",
      "transforms.route.replacement": "$1-$2",
      "transforms.extractId.type": "org.apache.kafka.connect.transforms.ExtractField$Key",
      "transforms.extractId.field": "id",
    },
    "elasticsearch-sink": {
      "connector.class": "io.confluent.connect.elasticsearch.ElasticsearchSinkConnector",
      "tasks.max": "2",
      topics,
      "connection.url": places.elasticsearch,
      "key.ignore": "false",
      "behavior.on.null.values": "delete",
    },
    "jdbc-sink": {
      "connector.class": "io.confluent.connect.jdbc.JdbcSinkConnector",
      "tasks.max": "2",
      topics,
      "connection.url": `jdbc:postgresql://${copy.host}${copy.pathname}`,
      "connection.user": decodeURIComponent(copy.username),
      "auto.create": "true",
      "insert.mode": "upsert",
      "delete.enabled": "true",
      "pk.mode": "record_key",
      "pk.fields": "id",
    },
  };
}
