// Pure: what must never be shown (I9).

const SECRET_KEY = /password|secret|token|credential|jaas/i;
const URL_PASSWORD = /(:\/\/)[^\s/@]+@/g;
const DEPTH_MAX = 6;

export const HIDDEN = "[hidden]";

export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key);
}

/** Without the user and password of any URL in it. */
export function withoutUrlCredentials(text: string): string {
  return text.replace(URL_PASSWORD, `$1${HIDDEN}@`);
}

/** A copy for showing: values of secret keys hidden, errors as plain objects, bigints as text, cut below six levels. */
export function showable(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return withoutUrlCredentials(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (depth >= DEPTH_MAX) return "[deeper]";
  if (value instanceof Error) return showableError(value, depth);
  if (Array.isArray(value)) return value.map((item) => showable(item, depth + 1));
  if (value instanceof Map || value instanceof Set) return showable([...value], depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isSecretKey(key) ? HIDDEN : showable(item, depth + 1)]),
  );
}

function showableError(error: Error, depth: number): unknown {
  const code = "code" in error ? error.code : undefined;
  return {
    type: error.name,
    message: withoutUrlCredentials(error.message),
    ...(code === undefined ? {} : { code: showable(code, depth + 1) }),
    ...(error.stack === undefined ? {} : { stack: withoutUrlCredentials(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: showable(error.cause, depth + 1) }),
  };
}
