// Pure: a short way to write down a configuration key.
import type { ConfigKeyDefinition } from "@millrace/connect";

export type KeyRow = Omit<ConfigKeyDefinition, "group" | "orderInGroup">;

type Options = Partial<Pick<KeyRow, "importance" | "validator" | "width" | "internal" | "recommender">>;

/** With a default; null for none. */
export function row(
  name: string,
  type: KeyRow["type"],
  preset: unknown,
  displayName: string,
  documentation: string,
  options: Options = {},
): KeyRow {
  return { name, type, default: preset, displayName, documentation, importance: "LOW", width: "SHORT", ...options };
}

/** The check of a text in any case; values are shown as they are written in messages. */
export const suggestions = (values: readonly string[]): Pick<KeyRow, "recommender"> => ({
  recommender: { validValues: () => values, visible: () => true },
});
