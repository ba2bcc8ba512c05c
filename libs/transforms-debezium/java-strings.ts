// Pure: what Java's String methods answer where JavaScript's differ.

/** `String.split` by a separator that is no pattern: empty parts at the end are left out, all of them if need be. */
export function splitText(text: string, separator: string): string[] {
  if (text === "") return [""];
  const parts = text.split(separator);
  while (parts.length > 0 && parts[parts.length - 1] === "") parts.pop();
  return parts;
}

/** `String.trim`: everything up to U+0020, and nothing else. */
export function trimText(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--;
  return text.slice(start, end);
}

export function isBlank(text: string | null): boolean {
  return text === null || trimText(text) === "";
}
