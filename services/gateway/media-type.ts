// Pure: does a request speak JSON, and does its sender want JSON?

/** Whether `Content-Type` names JSON. null (no header) is for the reader of the body to judge. */
export function isJson(contentType: string | null): boolean {
  return contentType === null || matchesJson(range(contentType).type);
}

/** Whether `Accept` admits JSON. */
export function acceptsJson(accept: string | null): boolean {
  if (accept === null || accept.trim() === "") return true;
  return accept
    .split(",")
    .map(range)
    .some(({ type, quality }) => quality > 0 && matchesJson(type));
}

function matchesJson(type: string): boolean {
  return type === "application/json" || type === "application/*" || type === "*/*" || type === "*";
}

function range(text: string): { type: string; quality: number } {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith("q="));
  return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) };
}
