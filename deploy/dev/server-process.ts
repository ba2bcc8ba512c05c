// One local server as a child process: started until it answers, killed and restarted on the same data, never outliving us.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { findCommand, tail } from "./setup/command.mjs";

export type ServerCommand = {
  /** As messages call it: "Kafka". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Gets what the server prints; its end is quoted when the server does not start. */
  readonly logFile: string;
  /** Whether the server takes requests; must not reject. */
  readonly answers: () => Promise<boolean>;
  /** Asks the server to end in order, with clients still connected. */
  readonly stopSignal: NodeJS.Signals;
  /** Who the server runs as; ourselves unless given. */
  readonly account?: Account;
  /** Signals go to the children of the process too, where it is one that starts the server itself. */
  readonly wholeGroup?: boolean;
  /** Beside our own environment. */
  readonly env?: Readonly<Record<string, string>>;
};

export type Account = { readonly uid: number; readonly gid: number };

/**
 *   starting ──answers──▶ running ──kill, stop──▶ ended
 *       ▲                                           │
 *       └────────────────── restart ────────────────┘
 */
export type ServerProcess = {
  /** Of the process that runs now, or ran last. */
  readonly pid: number;
  /** Sends a signal (SIGKILL unless given) and waits for the end, except after SIGSTOP and SIGCONT, which do not end it. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Kills the server if it still runs, then starts it on the same port and data and waits until it answers. */
  restart(): Promise<void>;
  /** Ends the server in order; kills it when it takes longer than 10 s. */
  stop(): Promise<void>;
};

/** A broker that was killed has taken more than a minute on a machine with ten times the work it has processors for. */
const readyTimeoutMs = 180_000;
const stopTimeoutMs = 10_000;
const pollIntervalMs = 20;
const logTailLines = 20;

/** Starts a server and waits until it answers. Throws with the end of its log when it ends first, or after three minutes. */
export async function startServer(server: ServerCommand): Promise<ServerProcess> {
  let child = await untilAnswering(server);

  async function kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const ended = untilEnded(child);
    signalTo(child, signal);
    if (signal !== "SIGSTOP" && signal !== "SIGCONT") await ended;
  }

  function signalTo(child: ChildProcess, signal: NodeJS.Signals): void {
    if (server.wholeGroup && !hasEnded(child)) process.kill(-(child.pid as number), signal);
    else child.kill(signal);
  }

  return {
    get pid() {
      return child.pid as number;
    },
    kill,
    async restart() {
      await kill();
      child = await untilAnswering(server);
    },
    async stop() {
      const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
      await kill(server.stopSignal);
      clearTimeout(timer);
    },
  };
}

async function untilAnswering(server: ServerCommand): Promise<ChildProcess> {
  const deadline = performance.now() + readyTimeoutMs;
  for (;;) {
    const child = launch(server);
    while (!hasEnded(child) && performance.now() < deadline) {
      if ((await server.answers()) && !hasEnded(child)) return child;
      await sleep(pollIntervalMs);
    }
    const inTime = hasEnded(child);
    child.kill("SIGKILL");
    await untilEnded(child);
    // After a kill -9, children of the killed server may hold its memory or port for a moment: it ends, and is tried again.
    if (inTime && /still in use|already in use|Address already/i.test(logEnd(server))) {
      if (performance.now() + 500 < deadline) {
        await sleep(200);
        continue;
      }
    }
    const what = inTime
      ? `ended at its start (${child.signalCode ?? `exit code ${child.exitCode}`})`
      : `did not answer within ${readyTimeoutMs / 1000} s`;
    throw new Error(`${server.name} ${what}. The end of ${server.logFile}:\n${logEnd(server)}`);
  }
}

const logEnd = (server: ServerCommand): string => tail(server.logFile, logTailLines).join("\n");

const live = new Set<ChildProcess>();

function launch(server: ServerCommand): ChildProcess {
  installExitHandlers();
  const log = openSync(server.logFile, "a");
  // The kernel ends the server even where we are killed without a chance to do so ourselves.
  const setpriv = process.platform === "linux" ? findCommand("setpriv") : undefined;
  const wrapped = setpriv ? ["--pdeathsig", "KILL", "--", server.command, ...server.args] : [...server.args];
  const child = spawn(setpriv ?? server.command, wrapped, {
    ...server.account,
    stdio: ["ignore", log, log],
    cwd: "/",
    env: { ...process.env, LC_ALL: "C", ...server.env },
    // Ctrl-C reaches our process group only: the servers must outlive our own orderly end.
    detached: true,
  });
  closeSync(log);
  live.add(child);
  child.on("error", () => live.delete(child));
  child.on("exit", () => live.delete(child));
  return child;
}

const hasEnded = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

const untilEnded = (child: ChildProcess): Promise<void> =>
  hasEnded(child) ? Promise.resolve() : new Promise((resolve) => child.once("exit", () => resolve()));

let handlersInstalled = false;

function installExitHandlers(): void {
  if (handlersInstalled) return;
  handlersInstalled = true;
  process.on("exit", () => {
    for (const child of live) child.kill("SIGKILL");
  });
  for (const [signal, number] of [
    ["SIGHUP", 1],
    ["SIGINT", 2],
    ["SIGTERM", 15],
  ] as const) {
    process.on(signal, () => {
      // Anyone else who listens ends the process in their own way.
      if (process.listenerCount(signal) === 1) process.exit(128 + number);
    });
  }
}
