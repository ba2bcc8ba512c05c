// Pure: the failures of Java's text classes. `javaClass` is what Java would have thrown.

export class IllegalArgumentError extends Error {
  readonly javaClass: string = "java.lang.IllegalArgumentException";
}

export class IndexOutOfBoundsError extends Error {
  readonly javaClass: string = "java.lang.IndexOutOfBoundsException";
}

/** A text is not what the pattern asks for. */
export class ParseError extends Error {
  readonly javaClass: string = "java.text.ParseException";
}

/** `message` is the description, where it is, the pattern, and a caret below the place. */
export class PatternSyntaxError extends IllegalArgumentError {
  override readonly javaClass: string = "java.util.regex.PatternSyntaxException";

  constructor(description: string, pattern: string, index: number) {
    const near = index < 0 ? "" : ` near index ${index}`;
    const inside = index >= 0 && index < pattern.length;
    const caret = inside ? `\n${pattern.slice(0, index).replace(/[^\t]/g, " ")}^` : "";
    super(`${description}${near}\n${pattern}${caret}`);
  }
}
