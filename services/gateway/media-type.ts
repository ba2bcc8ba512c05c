// Pure: does a request speak JSON, and does its sender want JSON?

/** Whether `Content-Type` names JSON. null (no header) is for the reader of the body to judge. */
export function isJson(contentType: string | null): boolean {
  return contentType === null || admitsJson(contentType);
}

/** Whether `Accept` admits JSON, in whatever quality: Connect takes even `q=0` for a yes. */
export function acceptsJson(accept: string | null): boolean {
  return accept === null || accept.trim() === "" || accept.split(",").some(admitsJson);
}

function admitsJson(range: string): boolean {
  const type = range.split(";")[0]!.trim().toLowerCase();
  return type === "application/json" || type === "application/*" || type === "*/*" || type === "*";
}
