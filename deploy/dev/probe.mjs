// Asks a server on 127.0.0.1, in its own protocol, whether it takes requests. An open port alone proves too little:
// Postgres listens while it recovers, Kafka before it has joined its own cluster.
import { connect, createServer } from "node:net";

const answerTimeoutMs = 1000;

/** Sends `request` and resolves to whether `isReady` accepts the bytes that came back by then. Never rejects. */
function exchange(port, request, isReady) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let answer = Buffer.alloc(0);
    const settle = (ready) => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(answerTimeoutMs, () => settle(false));
    socket.on("error", () => settle(false));
    socket.on("close", () => settle(false));
    socket.on("connect", () => request && socket.write(request));
    socket.on("data", (bytes) => {
      answer = Buffer.concat([answer, bytes]);
      const ready = isReady(answer);
      if (ready !== undefined) settle(ready);
    });
  });
}

// Metadata, version 0, all topics: size, api key 3, version 0, correlation id 1, no client id, no topic names.
const metadataRequest = Buffer.from([0, 0, 0, 14, 0, 3, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0]);

/** Whether the broker lists at least one broker: itself, once it may serve. */
export const kafkaAnswers = (port) =>
  exchange(port, metadataRequest, (answer) => (answer.length < 12 ? undefined : answer.readInt32BE(8) > 0));

// StartupMessage, protocol 3.0: user postgres.
const startup = Buffer.from("\0\0\0\0\0\x03\0\0user\0postgres\0\0", "latin1");
startup.writeInt32BE(startup.length);

/** Whether Postgres goes on to authentication ("R"); while it recovers it answers with an error ("E"). */
export const postgresAnswers = (port) => exchange(port, startup, (answer) => answer.toString("latin1", 0, 1) === "R");

/** Whether MariaDB greets with version 10 of its protocol; too many connections and the like come as an error (255). */
export const mariadbAnswers = (port) =>
  exchange(port, undefined, (answer) => (answer.length < 5 ? undefined : answer[4] === 10));

/** Whether NATS greets with its INFO line. */
export const natsAnswers = (port) =>
  exchange(port, undefined, (answer) => (answer.length < 4 ? undefined : answer.toString("latin1", 0, 4) === "INFO"));

/** Whether Elasticsearch knows its own state, which it does when shards can be made. */
export const elasticsearchAnswers = (port) =>
  exchange(port, "GET /_cluster/health HTTP/1.0\r\n\r\n", (answer) =>
    answer.includes("}") ? answer.toString("latin1", 0, 12) === "HTTP/1.0 200" : undefined,
  );

/**
 * A port of 127.0.0.1 that nobody listens on, below the range for outgoing connections (32768 up on Linux): there a
 * client that retries a killed server could be given the server's own port, and keep it from coming back.
 */
export async function freePort() {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 10_240 + Math.floor(Math.random() * 22_000);
    if (await isFree(port)) return port;
  }
  throw new Error("no free port between 10240 and 32240 on 127.0.0.1 in 100 tries: end some servers, then start again");
}

const isFree = (port) =>
  new Promise((resolve) => {
    const server = createServer();
    server.on("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1" }, () => server.close(() => resolve(true)));
  });
