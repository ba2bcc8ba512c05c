// The public surface: what Java makes of text, with Java's answers and messages.
export { digitValue } from "./digit-value.ts";
export { hashOrder } from "./hash-order.ts";
export { type JavaMatch, JavaPattern } from "./java-pattern.ts";
export { javaSplit } from "./java-split.ts";
export { javaTrim } from "./java-trim.ts";
export { SimpleDateFormat, type SimpleDateFormatOptions } from "./simple-date-format.ts";
export { DateParseError, DatePatternError, NoGroupError, PatternSyntaxError, ReplacementError } from "./text-errors.ts";
