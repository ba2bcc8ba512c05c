import { fork } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Clock } from "@millrace/time";
import type { HostProcess } from "./host.ts";
import type { Doing } from "./host-end.ts";
import { type IpcMessage, WITNESS_FD } from "./ipc.ts";

export interface ForkOptions {
  /** Upper bound of a host's JavaScript heap. */
  readonly heapMb: number;
  /** Transaction calls and consumes each hold a libuv thread for as long as they take. */
  readonly threads: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

/** A process that has ended may leave its error output to others that it has started. */
const LAST_WORDS_MS = 200;
/** A process that ends cuts its connection first. */
const CUT_MS = 200;
const TAIL_CHARS = 4_000;
const OUT_OF_HEAP = /JavaScript heap out of memory|Fatal JavaScript out of memory/;

/** Starts a task host as a child process: from source through tsx, from a build as it is. */
export function forkHost(options: ForkOptions): HostProcess {
  const source = import.meta.url.endsWith(".ts");
  const entry = new URL(source ? "./task-host/main.ts" : "./task-host.js", import.meta.url);
  // Measured with the file source (test/bench): a young generation of 8 MB costs a fifth less CPU than the 4 MB one and 10 MB
  // more; the collector's own threads would only take the cores from librdkafka's.
  const execArgv = [`--max-old-space-size=${options.heapMb}`, "--max-semi-space-size=8", "--single-threaded-gc"];
  // By its place, not its name: the working directory may be anywhere.
  if (source) execArgv.push("--import", pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href);
  const child = fork(fileURLToPath(entry), [], {
    execArgv,
    env: {
      // What librdkafka frees goes back to the system, from few arenas for its many threads. Request buffers, of 1 MB, are kept: mapping
      // each anew would take a fourteenth of a busy task's processor time.
      MALLOC_ARENA_MAX: "2",
      MALLOC_MMAP_THRESHOLD_: "2097152",
      MALLOC_TRIM_THRESHOLD_: "4194304",
      ...options.env,
      UV_THREADPOOL_SIZE: String(options.threads),
    },
    serialization: "json",
    stdio: ["ignore", "inherit", "pipe", "ipc", "pipe"],
  });
  // V8 says there, and only there, that the heap was exhausted.
  const stderr = child.stderr!;
  let tail = "";
  stderr.on("data", (bytes: Buffer) => {
    process.stderr.write(bytes);
    tail = (tail + bytes.toString("latin1")).slice(-TAIL_CHARS);
  });
  let doing: Doing | null = null;
  createInterface({ input: child.stdio[WITNESS_FD] as Readable }).on("line", (line) => {
    doing = JSON.parse(line) as Doing;
  });
  let cut = false;
  child.once("disconnect", () => {
    options.clock.after(CUT_MS, () => {
      cut = child.exitCode === null && child.signalCode === null;
      if (cut) child.kill("SIGKILL");
    });
  });
  const reasonOf = (code: number | null, signal: string | null) => {
    if (OUT_OF_HEAP.test(tail)) return `it exceeded its heap of ${options.heapMb} MB (millrace.task.host.heap.mb)`;
    if (cut) return "it cut its connection to the runner";
    return signal ? `killed by ${signal}` : `exit code ${code}`;
  };
  return {
    pid: child.pid ?? -1,
    send: (message) => {
      // A host that has just ended: its exit is about to be reported, and every call to it rejected.
      if (child.connected) child.send(message, () => {});
    },
    onMessage: (fn) => {
      child.on("message", (message) => {
        // It has moved on.
        doing = null;
        fn(message as IpcMessage);
      });
    },
    onExit: (fn) => {
      child.once("error", (error) => fn(`could not be started: ${error.message}`));
      child.once("exit", (code, signal) => {
        let told = false;
        const tell = () => {
          if (!told) fn(reasonOf(code, signal), cut ? null : signal);
          told = true;
        };
        if (stderr.closed) tell();
        stderr.once("close", tell);
        options.clock.after(LAST_WORDS_MS, tell);
      });
    },
    doing: () => doing,
    kill: () => void child.kill("SIGKILL"),
  };
}
