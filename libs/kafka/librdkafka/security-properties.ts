// Pure: `sasl.*` and `ssl.*` under Kafka's Java names to librdkafka's.
import type { ClientConfig } from "../client.ts";

export interface SecurityProperties {
  readonly properties: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
  /** Names dealt with here, whatever became of them. */
  readonly consumed: ReadonlySet<string>;
}

const DROPPED = [
  "ssl.protocol",
  "ssl.enabled.protocols",
  "ssl.keymanager.algorithm",
  "ssl.trustmanager.algorithm",
  "ssl.secure.random.implementation",
  "ssl.engine.factory.class",
  "ssl.provider",
  "sasl.login.class",
  "sasl.login.callback.handler.class",
  "sasl.client.callback.handler.class",
];

/** Values never reach a warning (I9). */
export function securityProperties(config: ClientConfig): SecurityProperties {
  const properties: Record<string, string> = {};
  const warnings: string[] = [];
  const consumed = new Set<string>();
  const take = (name: string): string | undefined => {
    if (config[name] === undefined) return undefined;
    consumed.add(name);
    return config[name];
  };
  const protocol = take("security.protocol");
  if (protocol !== undefined) properties["security.protocol"] = protocol.toLowerCase();
  jaas(take("sasl.jaas.config"), config, properties, warnings);
  truststore(take, properties, warnings);
  keystore(take, properties, warnings);
  const identification = take("ssl.endpoint.identification.algorithm");
  if (identification !== undefined) properties["ssl.endpoint.identification.algorithm"] = identification || "none";
  for (const name of DROPPED) {
    if (take(name) !== undefined) warnings.push(`${name}: has no equivalent here, ignored`);
  }
  return { properties, warnings, consumed };
}

/** `org…LoginModule required name="value" name='value' …;` */
function jaas(
  value: string | undefined,
  config: ClientConfig,
  properties: Record<string, string>,
  warnings: string[],
): void {
  if (value === undefined) return;
  const options = new Map<string, string>();
  for (const match of value.matchAll(/([\w.]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s;"']+))/g)) {
    options.set(match[1] ?? "", (match[2] ?? match[3] ?? match[4] ?? "").replace(/\\(.)/g, "$1"));
  }
  const copy = (from: string, to: string) => {
    const found = options.get(from);
    if (found !== undefined) properties[to] = found;
  };
  const module = value.trim().split(/\s/)[0] ?? "";
  if (/\.(Plain|Scram)LoginModule$/.test(module)) {
    copy("username", "sasl.username");
    copy("password", "sasl.password");
  } else if (module.endsWith(".OAuthBearerLoginModule")) {
    copy("clientId", "sasl.oauthbearer.client.id");
    copy("clientSecret", "sasl.oauthbearer.client.secret");
    copy("scope", "sasl.oauthbearer.scope");
    if (config["sasl.oauthbearer.token.endpoint.url"] !== undefined) properties["sasl.oauthbearer.method"] = "oidc";
  } else if (module.endsWith(".Krb5LoginModule")) {
    copy("principal", "sasl.kerberos.principal");
    copy("keyTab", "sasl.kerberos.keytab");
  } else {
    warnings.push("sasl.jaas.config: this login module is not available here (Plain, Scram, OAuthBearer, Krb5 are)");
  }
}

type Take = (name: string) => string | undefined;

function truststore(take: Take, properties: Record<string, string>, warnings: string[]): void {
  const type = (take("ssl.truststore.type") ?? "JKS").toUpperCase();
  const location = take("ssl.truststore.location");
  const certificates = take("ssl.truststore.certificates");
  take("ssl.truststore.password");
  if (certificates !== undefined) properties["ssl.ca.pem"] = certificates;
  if (location === undefined) return;
  if (type === "PEM" || /\.(pem|crt|cer)$/i.test(location)) properties["ssl.ca.location"] = location;
  else
    warnings.push("ssl.truststore.location: only PEM can be read; convert the store and set ssl.truststore.type=PEM");
}

function keystore(take: Take, properties: Record<string, string>, warnings: string[]): void {
  const type = (take("ssl.keystore.type") ?? "JKS").toUpperCase();
  const location = take("ssl.keystore.location");
  const password = take("ssl.keystore.password");
  const chain = take("ssl.keystore.certificate.chain");
  const key = take("ssl.keystore.key");
  if (chain !== undefined) properties["ssl.certificate.pem"] = chain;
  if (key !== undefined) properties["ssl.key.pem"] = key;
  if (location === undefined) return;
  if (type === "PEM" || /\.pem$/i.test(location)) {
    properties["ssl.certificate.location"] = location;
    properties["ssl.key.location"] = location;
  } else if (type === "PKCS12" || /\.(p12|pfx)$/i.test(location)) {
    properties["ssl.keystore.location"] = location;
    if (password !== undefined) properties["ssl.keystore.password"] = password;
  } else {
    warnings.push(
      "ssl.keystore.location: only PEM and PKCS12 can be read; convert the store and set ssl.keystore.type",
    );
  }
}
