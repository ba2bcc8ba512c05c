import { type ConfigProblem, isConnectError, type TaskConfig } from "@millrace/connect";
import { sinkSettings } from "./config/settings.ts";
import { type HttpAnswer, HttpClient } from "./http/http-client.ts";
import { messageOf, refusal } from "./http/retry.ts";
import { resourceExists } from "./resources.ts";

const OLDEST_VERSION = "7.0.0";

/** What a look at the cluster itself says about the settings. Messages are those of Confluent's connector. */
export async function connectionProblems(config: TaskConfig): Promise<ConfigProblem[]> {
  const settings = sinkSettings(config);
  let client: HttpClient;
  try {
    // Every request here is the first: no node has failed yet.
    client = new HttpClient(settings.http, () => 0);
  } catch (error) {
    if (!isConnectError(error)) throw error;
    return [{ name: "elastic.security.protocol", message: error.message }];
  }
  try {
    const answer = await client.request({ method: "GET", path: "/" });
    // Elasticsearch is up; the user may only write, or the node serves no root.
    if (answer.status === 403 || answer.status === 404 || answer.status === 405)
      return await resourceProblems(client, config);
    if (answer.status >= 300) return unreachable(config, refusal(answer).message);
    return [...versionProblems(answer), ...(await resourceProblems(client, config))];
  } catch (error) {
    return unreachable(config, messageOf(error));
  } finally {
    await client.close();
  }
}

function unreachable(config: TaskConfig, reason: string): ConfigProblem[] {
  const why = `Error message: ${reason}`;
  const problems = [{ name: "connection.url", message: `Could not connect to Elasticsearch. ${why}` }];
  const add = (names: readonly string[], message: string) =>
    problems.push(...names.map((name) => ({ name, message: `${message} ${why}` })));
  const given = (name: string) => (config[name] ?? "") !== "";
  if (given("connection.username")) {
    const names = ["connection.username", "connection.password"];
    add(names, `Could not authenticate the user. Check the '${names[0]}' and '${names[1]}'.`);
  }
  if (given("connection.api.key"))
    add(["connection.api.key"], "Could not authenticate. Check the 'connection.api.key'.");
  if (config["elastic.security.protocol"]?.toUpperCase() === "SSL") {
    add(["elastic.security.protocol"], "Could not connect to Elasticsearch. Check your SSL settings.");
  }
  if (given("proxy.host")) {
    const names = [
      "proxy.host",
      "proxy.port",
      ...(given("proxy.username") ? ["proxy.username", "proxy.password"] : []),
    ];
    add(names, "Could not connect to Elasticsearch. Check your proxy settings.");
  }
  return problems;
}

function versionProblems({ body }: HttpAnswer): ConfigProblem[] {
  const { number, distribution } = versionIn(body);
  if (distribution === "opensearch" || number === undefined) return [];
  if (Number(number.split(".")[0]) >= Number(OLDEST_VERSION.split(".")[0])) return [];
  const message =
    `This connector is not compatible with Elasticsearch version ${number}. ` +
    `Elasticsearch version must be at least ${OLDEST_VERSION}.`;
  return [{ name: "connection.url", message }];
}

function versionIn(body: string): { readonly number?: string; readonly distribution?: string } {
  try {
    return (JSON.parse(body) as { version?: { number?: string; distribution?: string } }).version ?? {};
  } catch {
    return {};
  }
}

async function resourceProblems(client: HttpClient, config: TaskConfig): Promise<ConfigProblem[]> {
  const { usage, byTopic } = sinkSettings(config).resource;
  if (usage === "disabled") return [];
  const name = "topic.to.external.resource.mapping";
  for (const resource of byTopic.values()) {
    try {
      if (await resourceExists((request) => client.request(request), usage, resource)) continue;
      return [{ name, message: `${usage} '${resource}' does not exist in Elasticsearch` }];
    } catch (error) {
      return [{ name, message: `Failed to check if ${usage} '${resource}' exists: ${messageOf(error)}` }];
    }
  }
  return [];
}
