import { readFile } from "node:fs/promises";
import { isIP, Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { ConnectError } from "@millrace/connect";
import type { PostgresAddress } from "../jdbc-url.ts";

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const SSL_ACCEPTED = 83;

/**
 * A socket ready for the startup message: connected, and encrypted as sslmode asks; to the first of several hosts that
 * answers.
 */
export async function openSocket(address: PostgresAddress): Promise<Socket> {
  const [first, ...others] = address.hosts;
  try {
    return await openTo({ ...address, ...first });
  } catch (error) {
    const [next, ...rest] = others;
    if (next === undefined) throw error;
    return openSocket({ ...address, hosts: [next, ...rest] });
  }
}

async function openTo(address: PostgresAddress): Promise<Socket> {
  const socket = await connected(address);
  const { sslMode } = address;
  if (sslMode === "disable" || sslMode === "allow") return socket;
  try {
    socket.write(SSL_REQUEST);
    const answer = await next<Buffer>(socket, "data", address.connectTimeoutMs);
    if (answer[0] === SSL_ACCEPTED) return await encrypted(socket, address);
    if (sslMode === "prefer") return socket;
    throw new ConnectError(
      `The server at ${address.host}:${address.port} does not offer SSL, and sslmode is ${sslMode}.`,
    );
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function connected(address: PostgresAddress): Promise<Socket> {
  const socket = new Socket();
  socket.setNoDelay(true);
  try {
    socket.connect(address.port, address.host);
    await next(socket, "connect", address.connectTimeoutMs);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function encrypted(socket: Socket, address: PostgresAddress): Promise<Socket> {
  const verifying = address.sslMode.startsWith("verify");
  const options: ConnectionOptions = { socket, rejectUnauthorized: verifying };
  if (isIP(address.host) === 0) options.servername = address.host;
  if (address.sslRootCert !== null) options.ca = await readFile(address.sslRootCert);
  if (address.sslMode === "verify-ca") options.checkServerIdentity = () => undefined;
  const secure = connectTls(options);
  await next(secure, "secureConnect", address.connectTimeoutMs);
  return secure;
}

function next<T>(socket: Socket, event: string, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      socket.setTimeout(0);
      for (const [name, listener] of Object.entries(listeners)) socket.removeListener(name, listener);
    };
    const fail = (error: Error) => {
      end();
      reject(error);
    };
    const listeners: Record<string, (argument: T & Error) => void> = {
      [event]: (value: T) => {
        end();
        resolve(value);
      },
      error: fail,
      close: () => fail(new Error("connection closed")),
      timeout: () => fail(new Error(`no answer in ${timeoutMs} ms`)),
    };
    for (const [name, listener] of Object.entries(listeners)) socket.once(name, listener);
    socket.setTimeout(timeoutMs);
  });
}
