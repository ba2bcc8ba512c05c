// Pure: where the REST API listens, and under which address others find it.

export interface Listener {
  readonly protocol: "http" | "https";
  /** Empty: every interface. */
  readonly host: string;
  readonly port: number;
}

const LISTENER = /^(.*):\/\/\[?([0-9a-zA-Z\-%._:]*)\]?:(-?[0-9]+)$/;
export const LISTENER_FORMAT = "Listener doesn't have the right format (protocol://hostname:port).";

/** @throws Error in Connect's words. */
export function parseListener(text: string): Listener {
  const match = LISTENER.exec(text.trim());
  const protocol = match?.[1]?.toLowerCase();
  const port = Number(match?.[3]);
  if (!match || port < 0 || port > 65_535) throw new Error(LISTENER_FORMAT);
  if (protocol !== "http" && protocol !== "https") {
    throw new Error(`Listener protocol must be either "http" or "https".`);
  }
  return { protocol, host: match[2] ?? "", port };
}

export interface Advertising {
  readonly listeners: readonly Listener[];
  readonly hostName: string | null;
  readonly port: number | null;
  readonly listener: "http" | "https" | null;
  /** This machine's address, for a listener on every interface. */
  readonly localAddress: string;
}

/** Connect's worker id: `host:port` of the advertised listener, by default the first with http. */
export function advertisedAddress(advertising: Advertising): { readonly host: string; readonly port: number } {
  const { listeners } = advertising;
  const wanted = advertising.listener ?? (listeners.some(({ protocol }) => protocol === "http") ? "http" : "https");
  const listener = listeners.find(({ protocol }) => protocol === wanted) ?? listeners[0];
  const host = listener === undefined || ["", "0.0.0.0", "::"].includes(listener.host) ? null : listener.host;
  return {
    host: advertising.hostName ?? host ?? advertising.localAddress,
    port: advertising.port ?? listener?.port ?? 8083,
  };
}
