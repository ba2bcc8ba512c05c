// The public surface: Java's texts for patterns and dates.
export { IllegalArgumentError, IndexOutOfBoundsError, ParseError, PatternSyntaxError } from "./java-errors.ts";
export { JavaMatch, JavaPattern } from "./java-pattern.ts";
export { SimpleDateFormat, type SimpleDateFormatOptions } from "./simple-date-format.ts";
