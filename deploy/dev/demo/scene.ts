import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a demonstration sets up, and takes away again however it ends. */
export interface Scene {
  /** A folder of its own, gone afterwards. */
  readonly dir: string;
  /** Runs at the end, the last added first; what it throws is of no interest by then. */
  onEnd(stop: () => Promise<void> | void): void;
  /** Once; Ctrl-C and SIGTERM call it too, and end the process. */
  end(): Promise<void>;
}

export function setScene(): Scene {
  const dir = mkdtempSync(join(tmpdir(), "millrace-demo-"));
  const stops: (() => Promise<void> | void)[] = [() => rmSync(dir, { recursive: true, force: true })];
  let ending = false;
  const scene: Scene = {
    dir,
    onEnd: (stop) => void stops.push(stop),
    async end() {
      if (ending) return;
      ending = true;
      for (const stop of stops.reverse()) {
        try {
          await stop();
        } catch {
          // The next is stopped all the same.
        }
      }
    },
  };
  process.once("SIGINT", () => void scene.end().then(() => process.exit(130)));
  process.once("SIGTERM", () => void scene.end().then(() => process.exit(143)));
  return scene;
}
