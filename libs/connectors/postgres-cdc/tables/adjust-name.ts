// Pure: names that Avro takes.
import type { NameAdjustment } from "../config/settings.ts";

/** Of a schema: dots stay. */
export function adjustSchemaName(name: string, mode: NameAdjustment): string {
  return adjustName(name, mode, /[A-Za-z0-9_.]/);
}

export function adjustFieldName(name: string, mode: NameAdjustment): string {
  return adjustName(name, mode, /[A-Za-z0-9_]/);
}

/** An underscore begins a code, so it is replaced as well. A digit at the start is kept behind its underscore. */
function adjustName(name: string, mode: NameAdjustment, later: RegExp): string {
  if (mode === "none") return name;
  const unicode = mode === "avro_unicode";
  let adjusted = "";
  for (let i = 0; i < name.length; i++) {
    const char = name[i]!;
    const valid = (i === 0 ? /[A-Za-z_]/ : later).test(char);
    if (valid && !(unicode && char === "_")) adjusted += char;
    else if (unicode) adjusted += codeOf(char);
    else adjusted += i === 0 && /\p{Nd}/u.test(char) ? `_${char}` : "_";
  }
  return adjusted;
}

function codeOf(char: string): string {
  const hex = char.charCodeAt(0).toString(16);
  return hex.length <= 2 ? `_u00${hex}` : `_u${hex}`;
}

/** Characters Kafka does not take in a topic's name become underscores. */
export function topicName(parts: readonly string[], delimiter: string): string {
  return parts.join(delimiter).replace(/[^a-zA-Z0-9._-]/g, "_");
}
