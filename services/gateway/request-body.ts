// Pure: request bodies as Connect understands them. What it cannot read is a 500 there, not a 400, so it is here.
import type { ConfigMap, SubmittedConfig, TargetState } from "@millrace/protocol";
import { hashMapOrder } from "@millrace/protocol";
import { HttpError } from "./errors.ts";
import { parseJsonObject, unreadable } from "./json-body.ts";

export interface CreateConnectorRequest {
  /** Trimmed; "" when there was none. */
  readonly name: string;
  readonly config: SubmittedConfig;
  readonly initialTargetState?: TargetState;
}

const targetStates: Readonly<Record<string, TargetState>> = {
  RUNNING: "STARTED",
  PAUSED: "PAUSED",
  STOPPED: "STOPPED",
};

const fields = ["name", "config", "initial_state"];

/** @param text null: there was no body. @throws HttpError 500 */
export function parseCreateConnector(text: string | null): CreateConnectorRequest {
  const body = parseObject(text, "the request body");
  if (body === null) throw unreadable('The request body is missing. Send {"name": "…", "config": {…}}');
  for (const field of Object.keys(body)) {
    if (!fields.includes(field)) {
      throw unreadable(`Unrecognized field "${field}" in the request body. Known are: ${fields.join(", ")}`);
    }
  }
  const name = scalar(body.name, '"name"');
  const initialTargetState = parseInitialState(scalar(body.initial_state, '"initial_state"'));
  if (body.config === undefined || body.config === null) {
    throw unreadable('"config" is missing from the request body. Send {"name": "…", "config": {…}}');
  }
  const config = toConfig(body.config, '"config"');
  const request = { name: (name ?? "").trim(), config };
  return initialTargetState === null ? request : { ...request, initialTargetState };
}

/** A flat map. @throws HttpError 500 */
export function parseConfig(text: string | null): SubmittedConfig {
  const body = parseObject(text, "the request body");
  if (body === null) throw unreadable('The request body is missing. Send the configuration as {"key": "value", …}');
  return toConfig(body, "the request body");
}

/** With `name` added last when it is absent. @throws HttpError 400 when it is another. */
export function withConnectorName(config: SubmittedConfig, name: string): SubmittedConfig {
  const given = config.name ?? null;
  if (given === null) return { ...config, name };
  if (given === name) return config;
  throw new HttpError(400, `Connector name configuration (${given}) doesn't match connector name in the URL (${name})`);
}

/**
 * Connect's text shows what was sent. It is made here, where it goes back to its sender alone, and not by the services
 * behind, whose errors cross the message server and are logged.
 * @throws HttpError 400 without `connector.class`.
 */
export function requireConnectorClass(config: SubmittedConfig): void {
  if ((config["connector.class"] ?? null) !== null) return;
  const shown = Object.entries(hashMapOrder(config)).map(([key, value]) => `${key}=${value}`);
  throw new HttpError(400, `Connector config {${shown.join(", ")}} contains no connector type`);
}

/** The config with changes applied: null removes its key. */
export function patchConfig(config: SubmittedConfig, patch: SubmittedConfig): ConfigMap {
  const merged = Object.entries({ ...config, ...patch });
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
}

function parseInitialState(text: string | null): TargetState | null {
  if (text === null) return null;
  const state = targetStates[text.toUpperCase()];
  if (state !== undefined) return state;
  throw unreadable(`"initial_state" is "${text}". It must be one of: ${Object.keys(targetStates).join(", ")}`);
}

// Either a string, with its escapes, or a number, true or false. Only used on text known to be JSON.
const SCALAR = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|true|false/g;

/**
 * Numbers and booleans become strings of their own source text, so `1.50` and a number of thirty digits stay what the user
 * wrote. null stays null.
 */
function parseObject(text: string | null, what: string): Record<string, unknown> | null {
  if (parseJsonObject(text, what) === null) return null;
  return JSON.parse(text!.replace(SCALAR, (token) => (token.startsWith('"') ? token : `"${token}"`)));
}

function scalar(value: unknown, what: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  throw unreadable(
    `${what} is ${Array.isArray(value) ? "an array" : "an object"}. It must be a string, a number, true, false or null`,
  );
}

function toConfig(value: unknown, what: string): SubmittedConfig {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw unreadable(`Expected ${what} to be a JSON object`);
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, scalar(inner, `Config value "${key}"`)]));
}
