import type {
  BrokenPluginInfo,
  ConfigInfos,
  ConfigKeyInfo,
  DeadLetter,
  LetterEdit,
  LetterGroup,
  PreviewStep,
} from "@millrace/protocol";
import type * as z from "zod";
import type { clusterMetricsBody, oneConnectorMetricsBody } from "../metrics/view-schemas.ts";

export type { ConfigInfos, ConfigKeyInfo, DeadLetter, LetterEdit, LetterGroup, PreviewStep };
export type ClusterView = z.infer<typeof clusterMetricsBody>;
export type ConnectorView = z.infer<typeof oneConnectorMetricsBody>["connector"];
export type Config = Readonly<Record<string, string>>;

export interface Status {
  readonly name: string;
  readonly type: "source" | "sink" | "unknown";
  readonly connector: {
    readonly state: string;
    readonly worker_id: string;
    readonly version?: string | null;
    readonly trace?: string;
  };
  readonly tasks: readonly {
    readonly id: number;
    readonly state: string;
    readonly worker_id: string;
    readonly trace?: string;
  }[];
}

export interface Offset {
  readonly partition: Readonly<Record<string, unknown>>;
  readonly offset: Readonly<Record<string, unknown>> | null;
}

export interface ConfigVersion {
  readonly version: number;
  readonly at: string;
  readonly config: Config;
}

export interface PluginInfo {
  readonly class: string;
  readonly type: string;
  readonly version?: string;
}

export interface BrokenPlugins {
  readonly plugins: readonly (BrokenPluginInfo & { readonly worker: string })[];
}

export interface Preview {
  readonly type: "source" | "sink";
  readonly records: readonly { readonly steps: readonly PreviewStep[] }[];
  readonly ended: "records" | "time" | "size";
}

export interface LogLine {
  readonly [field: string]: unknown;
}

/** What the server said when it refused, with its status; 0: nobody answered. */
export class ApiError extends Error {
  readonly status: number;

  constructor(message: string, status: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** The API lies beside the console, also behind a proxy that puts a path before both. */
const base = new URL("..", document.baseURI);

export function apiUrl(path: string): URL {
  return new URL(path.replace(/^\//, ""), base);
}

/** @throws ApiError in the server's own words. */
export async function ask<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const content =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  let response: Response;
  try {
    response = await fetch(apiUrl(path), { method, ...content, ...(signal === undefined ? {} : { signal }) });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError("The gateway does not answer. Is it running?", 0, { cause });
  }
  const text = await response.text();
  const answer = parsed(text);
  if (response.ok) return answer as T;
  const message = (answer as { message?: string } | null)?.message;
  throw new ApiError(message ?? `The gateway answered ${response.status}`, response.status);
}

function parsed(text: string): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

export function connectorPath(name: string, rest = ""): string {
  return `/connectors/${encodeURIComponent(name)}${rest}`;
}

export function ownPath(name: string, rest: string): string {
  return `/millrace/v1/connectors/${encodeURIComponent(name)}${rest}`;
}
