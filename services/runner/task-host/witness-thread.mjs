// A thread beside the main one, to see what it does when it stands still. It has nothing to do until then. Plain JavaScript:
// a checkout starts it without a loader.
import { writeSync } from "node:fs";
import { Session } from "node:inspector";
import { workerData } from "node:worker_threads";

/** `beats`: raised by the main thread while it runs; `sliceMs`: how often; `afterMs`: of silence; `fd`: where to say it. */
const { beats, sliceMs, afterMs, fd, activity } = workerData;
/** Code that cannot be interrupted, such as a system call, does not answer. */
const ANSWER_MS = 1_000;
const FRAMES_MAX = 8;

let seen = -1;
let silentMs = 0;
for (;;) {
  Atomics.wait(beats, 0, seen, sliceMs);
  const beat = Atomics.load(beats, 0);
  if (beat !== seen) {
    seen = beat;
    silentMs = 0;
    // So that the next wait is not over at once.
    Atomics.wait(beats, 1, 0, sliceMs);
    continue;
  }
  const before = silentMs;
  silentMs += sliceMs;
  if (before < afterMs && silentMs >= afterMs) await look();
}

/** Interrupts the main thread for a moment and writes down, in a line, who runs there and where. */
function look() {
  const session = new Session();
  session.connectToMainThread();
  return new Promise((resolve) => {
    const late = setTimeout(done, ANSWER_MS);
    function done() {
      clearTimeout(late);
      session.disconnect();
      resolve();
    }
    session.on("Debugger.paused", ({ params }) => {
      const frames = params.callFrames.map(nameFrame).filter((frame) => frame !== null);
      const question = { callFrameId: params.callFrames[0].callFrameId, expression: activity, returnByValue: true };
      session.post("Debugger.evaluateOnCallFrame", question, (error, answer) => {
        const { key, call } = error ? { key: null, call: null } : JSON.parse(answer.result.value);
        writeSync(fd, `${JSON.stringify({ key, call, frames: frames.slice(0, FRAMES_MAX) })}\n`);
        session.post("Debugger.resume", done);
      });
    });
    session.post("Debugger.enable");
    session.post("Debugger.pause");
  });
}

function nameFrame({ functionName, url, location }) {
  if (url.startsWith("node:")) return null;
  return `${functionName || "<anonymous>"} (${url}:${location.lineNumber + 1}:${(location.columnNumber ?? 0) + 1})`;
}
