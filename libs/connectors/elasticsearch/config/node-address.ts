// Pure: one address of connection.url.

export interface NodeAddress {
  /** `https://node1:9200`, without a path. */
  readonly origin: string;
  /** Behind which the API is: "" or `/path`. */
  readonly path: string;
  readonly secure: boolean;
  /** `user:password` when the address itself has them. */
  readonly credentials: string | null;
}

/** Null when it is none. Without a scheme it is http, as in Elasticsearch's own clients. */
export function nodeAddress(text: string): NodeAddress | null {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`);
  } catch {
    return null;
  }
  if ((url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "") return null;
  const credentials =
    url.username === "" ? null : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, ""), secure: url.protocol === "https:", credentials };
}
