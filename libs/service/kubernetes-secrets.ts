import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { join } from "node:path";
import { ConfigProviderError } from "./config-provider.ts";

/** Where Kubernetes puts the token of a pod's service account, the certificate of its API and the pod's namespace. */
const ACCOUNT_DIR = "/var/run/secrets/kubernetes.io/serviceaccount";
const TIMEOUT_MS = 10_000;
/** A secret holds 1 MiB at most, as base64 in JSON. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
const DNS_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * Reads secrets from the Kubernetes API, as the pod's service account. Parameters: `kubernetes.url` instead of the API of the
 * cluster around, `kubernetes.account.dir` instead of the folder that Kubernetes mounts. Those who ask for one secret at the
 * same time share one request.
 * @returns null outside of a cluster. What it returns takes `name` or `namespace/name`, gives the secret's values, none for
 * one that does not exist, and throws ConfigProviderError.
 */
export function openKubernetesSecrets(
  params: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string | undefined>>,
): ((path: string) => Promise<ReadonlyMap<string, string>>) | null {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = "443" } = env;
  const inCluster = host === undefined ? null : `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const url = params["kubernetes.url"] ?? inCluster;
  const accountDir = params["kubernetes.account.dir"] ?? ACCOUNT_DIR;
  const given = params["kubernetes.url"] !== undefined || params["kubernetes.account.dir"] !== undefined;
  // A pod may be without an account, and then asks nobody.
  if (url === null || (!given && account(accountDir, "token") === null)) return null;
  const ca = account(accountDir, "ca.crt");
  const asked = new Map<string, Promise<ReadonlyMap<string, string>>>();

  return (path) => {
    const [first = "", second] = path.split("/");
    const namespace = second === undefined ? account(accountDir, "namespace")?.trim() || "default" : first;
    const name = second ?? first;
    if (!DNS_NAME.test(namespace) || !DNS_NAME.test(name) || path.split("/").length > 2) {
      const problem = `'${path}' names no secret of Kubernetes: write 'name' or 'namespace/name'`;
      return Promise.reject(new ConfigProviderError(problem));
    }
    const secret = `${namespace}/${name}`;
    const reading = asked.get(secret) ?? readSecret(new URL(url), { accountDir, ca, namespace, name });
    asked.set(secret, reading);
    return reading.finally(() => asked.delete(secret));
  };
}

async function readSecret(
  url: URL,
  at: {
    readonly accountDir: string;
    readonly ca: string | null;
    readonly namespace: string;
    readonly name: string;
  },
): Promise<ReadonlyMap<string, string>> {
  const { accountDir, ca, namespace, name } = at;
  url.pathname = `${url.pathname.replace(/\/$/, "")}/api/v1/namespaces/${namespace}/secrets/${name}`;
  // Read each time: Kubernetes replaces the token about every hour.
  const token = await readFile(join(accountDir, "token"), "utf8").catch(() => null);
  const headers: Record<string, string> = { accept: "application/json" };
  if (token !== null) headers.authorization = `Bearer ${token.trim()}`;
  const what = `the secret ${namespace}/${name} from Kubernetes at ${url.origin}`;
  const answer = await send(url, { headers, ca }).catch((cause: unknown) => {
    throw new ConfigProviderError(`Could not read ${what}: ${(cause as Error).message}`, cause);
  });
  if (answer.status === 404) return new Map();
  if (answer.status === 401 || answer.status === 403) {
    throw new ConfigProviderError(
      `Could not read ${what}: it answered ${answer.status}; allow this pod's service account to get secrets in ${namespace}`,
    );
  }
  if (answer.status !== 200) throw new ConfigProviderError(`Could not read ${what}: it answered ${answer.status}`);
  return valuesOf(answer.body, what);
}

function valuesOf(body: string, what: string): ReadonlyMap<string, string> {
  try {
    const { data } = JSON.parse(body) as { data?: Record<string, string> };
    return new Map(
      Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
    );
  } catch {
    // Without its cause, which may quote the answer (I9).
    throw new ConfigProviderError(`Could not read ${what}: its answer is no JSON`);
  }
}

/** `fetch` cannot be told whom to trust, and only the cluster's own authority signs its API's certificate. */
function send(
  url: URL,
  { headers, ca }: { readonly headers: Record<string, string>; readonly ca: string | null },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { headers, timeout: TIMEOUT_MS, ...(ca === null ? {} : { ca }) };
    const request = (url.protocol === "http:" ? requestHttp : requestHttps)(url, options, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > ANSWER_BYTES_MAX) request.destroy(new Error(`it answers more than ${ANSWER_BYTES_MAX} bytes`));
        else chunks.push(chunk);
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    request.on("timeout", () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    request.on("error", reject);
    request.end();
  });
}

function account(dir: string, file: string): string | null {
  try {
    return readFileSync(join(dir, file), "utf8");
  } catch {
    return null;
  }
}
