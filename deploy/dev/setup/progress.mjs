// What the user sees while set-up works: a spinner on a terminal, plain lines elsewhere.
const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const spinnerIntervalMs = 100;
const plainIntervalMs = 15_000;

/** Follows steps that run side by side. Lines appear from the first `start` on; `stop` ends the drawing. */
export function createProgress(out = process.stdout) {
  const running = new Map();
  const startedAt = performance.now();
  let frame = 0;
  let timer;

  const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
  const clear = () => out.isTTY && out.write("\r\x1b[2K");
  const print = (line) => {
    clear();
    out.write(`${line}\n`);
  };
  const parts = () => [...running].map(([title, { activity, since }]) => `${title}: ${activity} ${seconds(since)}`);
  const draw = () => {
    if (running.size === 0) return;
    if (!out.isTTY) return print(`  … ${parts().join(" · ")}`);
    const line = `${frames[frame++ % frames.length]} ${parts().join(" · ")}`;
    clear();
    out.write(line.slice(0, (out.columns || 80) - 1));
  };

  return {
    note: print,
    start(title) {
      running.set(title, { activity: "starting", since: performance.now() });
      timer ??= setInterval(draw, out.isTTY ? spinnerIntervalMs : plainIntervalMs);
      return (activity) => {
        const step = running.get(title);
        if (!step || step.activity === activity) return;
        step.activity = activity;
        if (!out.isTTY) print(`  ${title}: ${activity}`);
      };
    },
    end(title, ok) {
      const { since } = running.get(title);
      running.delete(title);
      print(`${ok ? "✓" : "✗"} ${title} (${seconds(since)})`);
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
      clear();
    },
    elapsed: () => seconds(startedAt),
  };
}
