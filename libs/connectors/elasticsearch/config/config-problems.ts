// Pure: what is wrong with settings that are each right by themselves. Messages are those of Confluent's connector.
import { type ConfigProblem, isConnectError, type TaskConfig } from "@millrace/connect";
import { elasticsearchConfigDef } from "./config-def.ts";
import { SSL_PREFIX } from "./security-keys.ts";
import { topicPairs } from "./settings.ts";

type Values = Readonly<Record<string, unknown>>;
type Check = (values: Values, config: TaskConfig) => readonly ConfigProblem[];

export function configProblems(config: TaskConfig): ConfigProblem[] {
  const values = elasticsearchConfigDef.parse(config);
  return CHECKS.flatMap((check) => check(values, config));
}

const at = (message: string, ...names: readonly string[]): ConfigProblem[] => names.map((name) => ({ name, message }));
const isDefault = (values: Values, name: string, preset: string): boolean =>
  String(values[name]).toLowerCase() === preset;
const isEmpty = (values: Values, name: string): boolean => (values[name] as readonly string[]).length === 0;

const credentials: Check = (values) => {
  const names = ["connection.username", "connection.password"] as const;
  const given = names.filter((name) => values[name] !== null);
  if (given.length === 1) return at(`Both '${names[0]}' and '${names[1]}' must be set.`, ...names);
  if (given.length === 2 && values["connection.api.key"] !== null) {
    const message = `Either '${names[0]}' and '${names[1]}', or 'connection.api.key' can be set.`;
    return at(message, ...names, "connection.api.key");
  }
  return [];
};

const externalResources: Check = (values, config) => {
  const usage = "external.resource.usage";
  const mapping = "topic.to.external.resource.mapping";
  if (isDefault(values, usage, "disabled") !== isEmpty(values, mapping)) {
    const message =
      `Invalid configuration: ${usage} and ${mapping} must be configured together. ` +
      "Either both must be set, or both must be empty.";
    return at(message, usage, mapping);
  }
  if (isEmpty(values, mapping)) return [];
  const stream = ["data.stream.type", "data.stream.dataset"] as const;
  if (!isDefault(values, stream[0], "none") || values[stream[1]] !== "") {
    const message =
      "Resource mapping mode and data stream configs are mutually exclusive. " +
      `When using ${mapping}, data stream configs (${stream.join(", ")}) must not be set.`;
    return at(message, mapping, ...stream);
  }
  return mappingProblems(mapping, values, config);
};

function mappingProblems(name: string, values: Values, config: TaskConfig): ConfigProblem[] {
  const pairs = values[name] as readonly string[];
  const most = Number(values["max.external.resource.mappings"]);
  if (pairs.length > most) return at(`At most ${most} topics can be mapped, but ${pairs.length} are.`, name);
  let mapped: ReadonlyMap<string, string>;
  try {
    mapped = topicPairs(pairs);
  } catch (error) {
    if (!isConnectError(error)) throw error;
    return at(error.message, name);
  }
  if (config.topics === undefined) return [];
  const topics = config.topics.split(",").map((topic) => topic.trim());
  const unmapped = topics.find((topic) => !mapped.has(topic));
  if (unmapped !== undefined) {
    return at(
      `Topic '${unmapped}' is not mapped to any resource. All configured topics must be mapped to a resource.`,
      name,
    );
  }
  const unknown = [...mapped.keys()].find((topic) => !topics.includes(topic));
  if (unknown === undefined) return [];
  return at(`Topic '${unknown}' is mapped but not configured. All mapped topics must be configured topics.`, name);
}

const indexMap: Check = (values) => {
  try {
    topicPairs(values["topic.index.map"] as readonly string[]);
    return [];
  } catch (error) {
    if (!isConnectError(error)) throw error;
    return at(error.message, "topic.index.map");
  }
};

const dataStreams: Check = (values) => {
  const names = ["data.stream.dataset", "data.stream.type"] as const;
  if (isDefault(values, names[1], "none") !== (values[names[0]] === "")) {
    return at(`Either both or neither '${names[0]}' and '${names[1]}' must be set.`, ...names);
  }
  const usage = String(values["external.resource.usage"]).toLowerCase();
  if (isDefault(values, names[1], "none") && !usage.includes("datastream")) {
    if (isEmpty(values, "data.stream.timestamp.field")) return [];
    const message =
      "Mapping a field to the '@timestamp' field is only necessary when working with data streams. " +
      "'data.stream.timestamp.field' must not be set when not using data streams.";
    return at(message, "data.stream.timestamp.field");
  }
  if (isDefault(values, "write.method", "upsert")) {
    const message =
      "Upserts are not supported with data streams. write.method must not be UPSERT when using data streams.";
    return at(message, "write.method");
  }
  if (!isDefault(values, "behavior.on.null.values", "delete")) return [];
  const message =
    "Deletes are not supported with data streams. behavior.on.null.values must not be DELETE when using data streams.";
  return at(message, "behavior.on.null.values");
};

const generatedIds: Check = (values) => {
  if (values["use.autogenerated.ids"] !== true || !isDefault(values, "write.method", "upsert")) return [];
  return at(
    "Auto-generated document ids are not supported with UPSERT: 'use.autogenerated.ids' must be false, or 'write.method' INSERT.",
    "use.autogenerated.ids",
    "write.method",
  );
};

const ignored: Check = (values) =>
  ["key", "schema"].flatMap((what) => {
    const all = `${what}.ignore`;
    const some = `topic.${what}.ignore`;
    if (values[all] !== true || isEmpty(values, some)) return [];
    return at(`'${some}' can not be set if '${all}' is true.`, all, some);
  });

const kerberos: Check = (values) => {
  const names = ["kerberos.user.principal", "kerberos.keytab.path"].filter((name) => values[name] !== null);
  return at("Kerberos is not supported: use 'connection.username' and 'connection.password', or an API key.", ...names);
};

const lingering: Check = (values) => {
  const [linger, timeout] = [Number(values["linger.ms"]), Number(values["flush.timeout.ms"])];
  if (linger <= timeout) return [];
  const message = `'linger.ms' (${linger}) can not be larger than 'flush.timeout.ms' (${timeout}).`;
  return at(message, "linger.ms", "flush.timeout.ms");
};

const buffer: Check = (values) => {
  const names = ["max.buffered.records", "batch.size", "max.in.flight.requests"] as const;
  const [buffered, batch, inFlight] = names.map((name) => Number(values[name])) as [number, number, number];
  if (buffered >= batch * inFlight) return [];
  const message =
    `'${names[0]}' (${buffered}) must be larger than or equal to ` +
    `'${names[1]}' (${batch}) x ${names[2]} (${inFlight}).`;
  return at(message, ...names);
};

const proxy: Check = (values) => {
  const [host, user, password] = ["proxy.host", "proxy.username", "proxy.password"] as const;
  if (values[host] === "") {
    return [
      ...(values[user] === "" ? [] : at(`'${host}' must be set to use '${user}'.`, user, host)),
      ...(values[password] === null ? [] : at(`'${host}' must be set to use '${password}'.`, password, host)),
    ];
  }
  if ((values[user] === "") === (values[password] === null)) return [];
  return at(`Either both or neither '${user}' and '${password}' can be set.`, user, password);
};

const tls: Check = (values, config) => {
  const protocol = "elastic.security.protocol";
  const given = Object.keys(config).some((name) => name.startsWith(SSL_PREFIX));
  if (isDefault(values, protocol, "plaintext")) {
    return given ? at(`'${protocol}' must be set to 'SSL' to use SSL configs.`, protocol) : [];
  }
  if (given) return [];
  const names = ["keystore.location", "keystore.password", "truststore.location", "truststore.password"].map(
    (name) => `'${SSL_PREFIX}ssl.${name}'`,
  );
  const message =
    `At least these SSL configs (${names.slice(0, -1).join(", ")}, and ${names.at(-1)}) must be present for SSL support. ` +
    `Otherwise set '${protocol}' to 'PLAINTEXT'.`;
  return at(message, protocol);
};

const CHECKS: readonly Check[] = [
  credentials,
  externalResources,
  indexMap,
  dataStreams,
  generatedIds,
  ignored,
  kerberos,
  lingering,
  buffer,
  proxy,
  tls,
];
