// Pure: is a setting a pattern of java.util.regex? Said with Java's message.
import { type ConfigValidator, invalidValue, lambda } from "@millrace/connect";
import { JavaPattern, PatternSyntaxError } from "@millrace/java-text";

/** Kafka's RegexValidator. */
export const ValidJavaPattern: ConfigValidator = lambda((name, value) => {
  const problem = value === null ? "null" : problemOf(value as string);
  if (problem !== null) throw invalidValue(name, value, `Invalid regex: ${problem}`);
}, "valid regex");

function problemOf(pattern: string): string | null {
  try {
    new JavaPattern(pattern);
    return null;
  } catch (error) {
    if (!(error instanceof PatternSyntaxError)) throw error;
    return error.message;
  }
}
