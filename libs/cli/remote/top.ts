import { CliError, EXIT } from "./cli-error.ts";
import { type LiveScreen, openLiveScreen } from "./live-screen.ts";
import { cut } from "./output.ts";
import type { Session } from "./session.ts";
import { type TopView, topScreen } from "./top-screen.ts";

const INTERVAL_MS_MIN = 500;

/** `top`: what flows, again and again until it is ended; once where the output is no terminal, or with `--once`. */
export async function top(session: Session): Promise<number> {
  const { args, format } = session;
  const intervalMs = Math.max(INTERVAL_MS_MIN, Number(args.options.interval ?? "2") * 1000 || 0);
  const { stdin, stdout } = process;
  const live = args.options.once !== "true" && stdout.isTTY === true && format !== "json" && format !== "yaml";
  const first = await read(session);
  if (!live) {
    const size = { columns: stdout.columns ?? Number.POSITIVE_INFINITY, rows: Number.POSITIVE_INFINITY };
    if (!(await session.structured(first))) session.write(topScreen(first, size));
    return EXIT.done;
  }
  const screen = openLiveScreen(stdin, stdout);
  try {
    await redraw(session, screen, { first, intervalMs });
  } finally {
    screen.close();
  }
  return EXIT.done;
}

/** A server that is away for a while is waited for, with what it said last. */
async function redraw(
  session: Session,
  screen: LiveScreen,
  { first, intervalMs }: { readonly first: TopView; readonly intervalMs: number },
): Promise<void> {
  let view = first;
  let problem = "";
  while (!screen.ended.aborted) {
    const { columns, rows } = screen;
    const foot = cut(problem === "" ? "q ends" : `asking again: ${problem}`, columns);
    screen.draw(`${topScreen(view, { columns, rows: rows - 2 })}\n${foot}`);
    await screen.pause(intervalMs);
    if (screen.ended.aborted) return;
    try {
      view = await read(session, screen.ended);
      problem = "";
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      problem = error.message;
    }
  }
}

async function read({ rest }: Session, signal?: AbortSignal): Promise<TopView> {
  return (await rest.get("/millrace/v1/metrics", signal && { signal })) as TopView;
}
