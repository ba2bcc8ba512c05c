import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * How a link between two parts fails. "reset": connections end at once and none can be made. "held": bytes of both directions are
 * kept back and arrive when the link is mended, as after a partition. "requests lost", "answers lost": connections stay open
 * and the bytes of one direction vanish, or with "silent" those of both; whoever was affected is reset when the link is mended.
 */
export const cuts = ["reset", "held", "requests lost", "answers lost", "silent"] as const;
export type Cut = (typeof cuts)[number];

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** Something was lost: it cannot go on. */
  broken: boolean;
  readonly held: { readonly to: Socket; readonly bytes: Buffer }[];
}

const LOST: Readonly<Record<Cut, readonly ("client" | "server")[]>> = {
  reset: [],
  held: [],
  "requests lost": ["server"],
  "answers lost": ["client"],
  silent: ["client", "server"],
};

/** A TCP proxy between one part and a server on this machine; can be cut and mended. Both ends believe in it. */
export class Link {
  readonly name: string;
  readonly port: number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #affected = new Set<Pair>();
  #cut: Cut | null = null;

  private constructor(name: string, server: Server, port: number) {
    this.name = name;
    this.#server = server;
    this.port = port;
  }

  /** @param targetPort where connections lead to, on 127.0.0.1. */
  static async open(name: string, targetPort: number, port = 0): Promise<Link> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    const address = server.address() as { port: number };
    const link = new Link(name, server, address.port);
    server.on("connection", (client) => link.#connected(client, targetPort));
    return link;
  }

  /** Connections that the present cut has ended, or of which it keeps back or has lost something. */
  get affected(): number {
    return this.#affected.size;
  }

  cut(how: Cut): void {
    this.#cut = how;
    this.#affected.clear();
    if (how !== "reset") return;
    for (const pair of this.#pairs) {
      this.#affected.add(pair);
      end(pair);
    }
  }

  mend(): void {
    this.#cut = null;
    for (const pair of this.#pairs) {
      if (pair.broken) end(pair);
      else {
        for (const { to, bytes } of pair.held.splice(0)) to.write(bytes);
        pair.client.resume();
        pair.server.resume();
      }
    }
  }

  close(): void {
    this.#server.close();
    for (const pair of this.#pairs) end(pair);
  }

  #connected(client: Socket, targetPort: number): void {
    if (this.#cut === "reset") {
      client.on("error", () => {});
      client.resetAndDestroy();
      return;
    }
    const server = connect({ host: "127.0.0.1", port: targetPort, noDelay: true });
    const pair: Pair = { client, server, broken: false, held: [] };
    this.#pairs.add(pair);
    this.#carry(pair, client, server, "server");
    this.#carry(pair, server, client, "client");
  }

  #carry(pair: Pair, from: Socket, to: Socket, towards: "client" | "server"): void {
    from.on("data", (bytes: Buffer) => {
      const how = this.#cut;
      if (how === null) {
        if (to.write(bytes)) return;
        from.pause();
        to.once("drain", () => from.resume());
      } else if (how === "held") {
        this.#affected.add(pair);
        pair.held.push({ to, bytes });
        from.pause();
      } else if (LOST[how].includes(towards)) {
        this.#affected.add(pair);
        pair.broken = true;
      } else to.write(bytes);
    });
    from.on("error", () => {});
    from.on("close", () => {
      // Nobody hears of an end while the link is cut.
      if (this.#cut === null) this.#end(pair);
      else pair.broken = true;
    });
  }

  #end(pair: Pair): void {
    this.#pairs.delete(pair);
    end(pair);
  }
}

function end({ client, server }: Pair): void {
  client.resetAndDestroy();
  server.resetAndDestroy();
}
