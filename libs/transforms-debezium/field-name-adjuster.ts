// Pure: names of fields and schemas made fit for Avro, as `field.name.adjustment.mode` and `schema.name.adjustment.mode` ask.

export const ADJUSTMENT_MODES = ["none", "avro", "avro_unicode"] as const;
type AdjustmentMode = (typeof ADJUSTMENT_MODES)[number];

export function fieldNameAdjuster(mode: AdjustmentMode): (name: string) => string {
  if (mode === "none") return (name) => name;
  return mode === "avro" ? underscored : withCodes;
}

/** Dots stay, wherever they are but at the start. */
export function schemaNameAdjuster(mode: AdjustmentMode): (name: string) => string {
  const adjust = fieldNameAdjuster(mode);
  if (mode === "none") return adjust;
  const later = (rest: string) =>
    mode === "avro" ? rest.replace(/[^A-Za-z0-9_.]/g, "_") : rest.replace(/[^A-Za-z0-9.]/g, codeOf);
  return (name) => adjust(name.slice(0, 1)) + later(name.slice(1));
}

/** A digit at the start is kept behind its underscore. */
function underscored(name: string): string {
  const first = /^\p{Nd}/u.test(name) ? `_${name[0]}` : name.slice(0, 1).replace(/[^A-Za-z_]/, "_");
  return first + name.slice(1).replace(/[^A-Za-z0-9_]/g, "_");
}

/** An underscore begins a code, so it is replaced as well. */
function withCodes(name: string): string {
  return name.slice(0, 1).replace(/[^A-Za-z]/, codeOf) + name.slice(1).replace(/[^A-Za-z0-9]/g, codeOf);
}

function codeOf(char: string): string {
  const hex = char.charCodeAt(0).toString(16);
  return hex.length <= 2 ? `_u00${hex}` : `_u${hex}`;
}
