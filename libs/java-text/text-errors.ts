// Pure: the failures of Java's text classes. `javaClass` is what Java would have thrown.

/** `message` is the description, where it is, the pattern, and a caret below the place. */
export class PatternSyntaxError extends Error {
  readonly javaClass: string = "java.util.regex.PatternSyntaxException";

  constructor(description: string, pattern: string, index: number) {
    const near = index < 0 ? "" : ` near index ${index}`;
    const inside = index >= 0 && index < pattern.length;
    const caret = inside ? `\n${pattern.slice(0, index).replace(/[^\t]/g, " ")}^` : "";
    super(`${description}${near}\n${pattern}${caret}`);
  }
}

/** A replacement text does not say what to put there. */
export class ReplacementError extends Error {
  readonly javaClass: string = "java.lang.IllegalArgumentException";
}

/** A regular expression has no group of that number. */
export class NoGroupError extends Error {
  readonly javaClass: string = "java.lang.IndexOutOfBoundsException";
}

/** A text is no SimpleDateFormat pattern. */
export class DatePatternError extends Error {
  readonly javaClass: string = "java.lang.IllegalArgumentException";
}

/** A text is not the date that its pattern asks for. */
export class DateParseError extends Error {
  readonly javaClass: string = "java.text.ParseException";
}
