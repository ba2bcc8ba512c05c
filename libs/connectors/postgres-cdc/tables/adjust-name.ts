// Pure: names that Avro takes.
import type { NameAdjustment } from "../config/settings.ts";

/** Of a schema: names parted by dots. */
export function adjustSchemaName(name: string, mode: NameAdjustment): string {
  return mode === "none"
    ? name
    : name
        .split(".")
        .map((part) => adjustFieldName(part, mode))
        .join(".");
}

export function adjustFieldName(name: string, mode: NameAdjustment): string {
  if (mode === "none") return name;
  const unicode = mode === "avro_unicode";
  let adjusted = "";
  for (let i = 0; i < name.length; i++) {
    const char = name[i]!;
    const valid = i === 0 ? /[A-Za-z_]/.test(char) : /[A-Za-z0-9_]/.test(char);
    if (valid && !(unicode && char === "_")) adjusted += char;
    else adjusted += unicode ? `_u${char.charCodeAt(0).toString(16).padStart(4, "0")}` : "_";
  }
  return adjusted;
}

/** Characters Kafka does not take in a topic's name become underscores. */
export function topicName(parts: readonly string[], delimiter: string): string {
  return parts.join(delimiter).replace(/[^a-zA-Z0-9._-]/g, "_");
}
