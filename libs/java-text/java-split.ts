// Pure: Java's String.split by a text that is no regular expression.

/** Empty parts at the end are left out, all of them if need be; the empty text is one empty part. */
export function javaSplit(text: string, separator: string): string[] {
  if (text === "") return [""];
  const parts = text.split(separator);
  while (parts.at(-1) === "") parts.pop();
  return parts;
}
