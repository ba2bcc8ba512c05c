import { createPrivateKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP, Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { PostgresAddress } from "./address.ts";
import { PgError } from "./pg-error.ts";

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const SSL_ACCEPTED = 83;

/** A socket ready for the startup message: connected, and encrypted as sslMode asks. */
export async function openSocket(address: PostgresAddress): Promise<Socket> {
  const socket = await connected(address);
  const { sslMode } = address;
  if (sslMode === "disable" || sslMode === "allow") return socket;
  try {
    socket.write(SSL_REQUEST);
    const answer = await next<Buffer>(socket, "data", address);
    socket.pause();
    if (answer[0] === SSL_ACCEPTED) return await encrypted(socket, address);
    if (sslMode === "prefer") return socket;
    throw new PgError(`The server at ${address.host}:${address.port} does not offer SSL, and sslmode is ${sslMode}.`);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function connected(address: PostgresAddress): Promise<Socket> {
  const socket = new Socket();
  socket.setNoDelay(true);
  socket.setKeepAlive(address.keepAlive, 60_000);
  try {
    socket.connect(address.port, address.host);
    await next(socket, "connect", address);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function encrypted(socket: Socket, address: PostgresAddress): Promise<Socket> {
  const { host } = address;
  const options: ConnectionOptions = { socket, host, rejectUnauthorized: address.sslMode.startsWith("verify") };
  if (isIP(host) === 0) options.servername = host;
  if (address.sslRootCert !== null) options.ca = await readFile(address.sslRootCert);
  if (address.sslCert !== null) options.cert = await readFile(address.sslCert);
  if (address.sslPassword !== null) options.passphrase = address.sslPassword;
  if (address.sslKey !== null) Object.assign(options, await readKey(address.sslKey, address.sslPassword));
  if (address.sslMode === "verify-ca") options.checkServerIdentity = () => undefined;
  const secure = connectTls(options);
  await next(secure, "secureConnect", address);
  return secure;
}

/** PEM, or what the JDBC driver takes: PKCS #8 as DER, or PKCS #12 with the certificate in it. */
async function readKey(file: string, passphrase: string | null): Promise<ConnectionOptions> {
  const bytes = await readFile(file);
  if (bytes.includes("-----BEGIN")) return { key: bytes };
  if (/\.(p12|pfx)$/i.test(file)) return { pfx: bytes };
  const key = createPrivateKey({
    key: bytes,
    format: "der",
    type: "pkcs8",
    ...(passphrase === null ? {} : { passphrase }),
  });
  return { key: key.export({ format: "pem", type: "pkcs8" }) };
}

function next<T>(socket: Socket, event: string, { host, port, connectTimeoutMs }: PostgresAddress): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      socket.setTimeout(0);
      for (const [name, listener] of Object.entries(listeners)) socket.removeListener(name, listener);
    };
    const fail = (cause: Error) => {
      end();
      reject(new PgError(`Connection to ${host}:${port} refused: ${cause.message}`, { cause }));
    };
    const listeners: Record<string, (argument: T & Error) => void> = {
      [event]: (value: T) => {
        end();
        resolve(value);
      },
      error: fail,
      close: () => fail(new Error("connection closed")),
      timeout: () => fail(new Error(`no answer in ${connectTimeoutMs} ms`)),
    };
    for (const [name, listener] of Object.entries(listeners)) socket.once(name, listener);
    socket.setTimeout(connectTimeoutMs);
  });
}
