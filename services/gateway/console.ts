/** One of the console's files by its name, or null. */
export type ConsoleAssets = (name: string) => Promise<Uint8Array | null>;

const types: Readonly<Record<string, string>> = {
  "index.html": "text/html; charset=utf-8",
  "app.js": "text/javascript; charset=utf-8",
  "app.css": "text/css; charset=utf-8",
  "icon.svg": "image/svg+xml",
};

/** It loads nothing from elsewhere, and nobody else's page may hold it. */
const headers = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  // Small enough to ask for again, and then never older than its gateway.
  "cache-control": "no-cache",
};

/** `/ui` and what is below it; null: the path is another's. */
export async function serveConsole(path: string, method: string, assets: ConsoleAssets): Promise<Response | null> {
  if (path !== "/ui" && !path.startsWith("/ui/")) return null;
  if (method !== "GET" && method !== "HEAD")
    return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
  if (path === "/ui") return new Response(null, { status: 302, headers: { location: "ui/" } });
  const name = path === "/ui/" ? "index.html" : path.slice("/ui/".length);
  const type = types[name];
  const bytes = type === undefined ? null : await assets(name);
  if (type === undefined || bytes === null) {
    const text = type === undefined ? "not found\n" : "The console was not built: run  node deploy/dev/bundle.mjs\n";
    return new Response(text, { status: 404, headers: { "content-type": "text/plain; charset=utf-8" } });
  }
  const body = method === "HEAD" ? null : (bytes as Uint8Array<ArrayBuffer>);
  return new Response(body, {
    status: 200,
    headers: { ...headers, "content-type": type, "content-length": String(bytes.length) },
  });
}
