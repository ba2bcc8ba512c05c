/** Keys that end a live view: q, Ctrl-C, Ctrl-D. In raw mode the terminal sends no signal for them. */
const ENDING = ["q", "Q", "\x03", "\x04"];
const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
const ERASE_LINE_END = "\x1b[K";
const ERASE_BELOW = "\x1b[J";

/** A whole terminal, drawn again and again, until the user ends it. */
export interface LiveScreen {
  /** Aborted when the user ends it, or a signal does. */
  readonly ended: AbortSignal;
  readonly columns: number;
  readonly rows: number;
  /** Over what was there, without a flicker. */
  draw(text: string): void;
  /** Resolves after the time, or at once when the user ends it or the terminal has another size. */
  pause(delayMs: number): Promise<void>;
  /** Leaves the terminal as it was before. */
  close(): void;
}

/**
 * Takes the terminal's second screen, as editors do, so that what was there comes back; what is typed is not shown.
 * Whoever opens it closes it.
 */
export function openLiveScreen(input: NodeJS.ReadStream, output: NodeJS.WriteStream): LiveScreen {
  const ending = new AbortController();
  const end = () => ending.abort();
  const onKey = (keys: Buffer) => {
    if (ENDING.some((key) => keys.includes(key))) end();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.once(signal, end);
  if (input.isTTY) {
    input.setRawMode(true);
    input.on("data", onKey);
    input.resume();
  }
  output.write(ENTER);
  return {
    ended: ending.signal,
    get columns() {
      return output.columns || 80;
    },
    get rows() {
      return output.rows || 24;
    },
    draw(text) {
      const lines = text.replace(/\n$/, "").split("\n");
      output.write(`${HOME}${lines.join(`${ERASE_LINE_END}\n`)}${ERASE_LINE_END}${ERASE_BELOW}`);
    },
    pause: (delayMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(finish, delayMs);
        output.on("resize", finish);
        ending.signal.addEventListener("abort", finish);
        if (ending.signal.aborted) finish();
        function finish() {
          clearTimeout(timer);
          output.off("resize", finish);
          ending.signal.removeEventListener("abort", finish);
          resolve();
        }
      }),
    close() {
      output.write(LEAVE);
      for (const signal of signals) process.off(signal, end);
      if (!input.isTTY) return;
      input.off("data", onKey);
      input.setRawMode(false);
      input.pause();
    },
  };
}
