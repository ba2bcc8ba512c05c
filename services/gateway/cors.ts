// Pure: cross-origin headers from `access.control.allow.origin` and `access.control.allow.methods`.

export interface CorsRules {
  allows(origin: string): boolean;
  readonly methods: readonly string[];
}

const DEFAULT_METHODS = ["GET", "POST", "HEAD"];
const PREFLIGHT_SECONDS_MAX = 60;

/**
 * @param allowOrigin comma-separated; each `*` or a regular expression that the whole origin must match, in any case.
 * Blank: cross-origin answers are off, and null is returned.
 * @param allowMethods comma-separated; blank means GET, POST and HEAD.
 */
export function corsRules(allowOrigin: string, allowMethods: string): CorsRules | null {
  const patterns = list(allowOrigin).map(pattern);
  if (patterns.length === 0) return null;
  const methods = list(allowMethods);
  return {
    allows: (origin) => patterns.some((allowed) => allowed.test(origin)),
    methods: methods.length > 0 ? methods : DEFAULT_METHODS,
  };
}

/** Headers for the answer to this request. The request is answered as usual whatever they are: a browser enforces them. */
export function corsHeaders(rules: CorsRules, request: Request): Readonly<Record<string, string>> {
  const origin = request.headers.get("origin");
  if (origin === null || !rules.allows(origin)) return { vary: "Origin" };
  const allowed = { vary: "Origin", "access-control-allow-origin": origin };
  const preflight = request.method === "OPTIONS" && request.headers.has("access-control-request-method");
  if (!preflight) return allowed;
  return {
    ...allowed,
    "access-control-allow-methods": rules.methods.join(","),
    "access-control-allow-headers": "Content-Type",
    "access-control-max-age": String(PREFLIGHT_SECONDS_MAX),
  };
}

function list(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function pattern(origin: string): RegExp {
  if (origin === "*") return /^/;
  try {
    return new RegExp(`^(?:${origin})$`, "i");
  } catch (cause) {
    throw new Error(
      `access.control.allow.origin: ${origin} is not a regular expression. Give origins such as https://example.com, or *`,
      { cause },
    );
  }
}
