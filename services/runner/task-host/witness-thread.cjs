// A thread beside the main one, to see what it does when it stands still; it has nothing to do until then. Evaluated as it
// is, so that no loader is in its way: with loaders registered, a module would start only with the main thread's help.
const { writeSync } = require("node:fs");
const { Session } = require("node:inspector");
const { workerData } = require("node:worker_threads");

/** `beats`: raised by the main thread while it runs; `sliceMs`: how often; `afterMs`: of silence; `fd`: where to say it. */
const { beats, sliceMs, afterMs, fd, activity } = workerData;
/** Code that cannot be interrupted, such as a system call, does not answer. */
const answerMs = Math.min(5_000, 0.8 * afterMs);
const FRAMES_MAX = 8;

async function watch() {
  let seen = -1;
  let silentMs = 0;
  for (;;) {
    Atomics.wait(beats, 0, seen, sliceMs);
    const beat = Atomics.load(beats, 0);
    if (beat === seen) {
      const before = silentMs;
      silentMs += sliceMs;
      if (before < afterMs && silentMs >= afterMs) await look();
    } else {
      seen = beat;
      silentMs = 0;
    }
  }
}

/** Interrupts the main thread for a moment and writes down, in a line, who runs there and where. */
function look() {
  const session = new Session();
  session.connectToMainThread();
  const urls = new Map();
  session.on("Debugger.scriptParsed", ({ params }) => urls.set(params.scriptId, params.url));
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(late);
      session.disconnect();
      resolve();
    };
    const tell = (doing) => writeSync(fd, `${JSON.stringify(doing)}\n`);
    const late = setTimeout(() => {
      tell({ key: null, call: "code that cannot be interrupted", frames: [] });
      done();
    }, answerMs);
    session.on("Debugger.paused", ({ params }) => {
      const frames = params.callFrames.flatMap((frame) => nameFrame(frame, urls.get(frame.location.scriptId) ?? ""));
      const question = { callFrameId: params.callFrames[0].callFrameId, expression: activity, returnByValue: true };
      session.post("Debugger.evaluateOnCallFrame", question, (error, answer) => {
        const { key, call } = error ? { key: null, call: null } : JSON.parse(answer.result.value);
        tell({ key, call, frames: frames.slice(0, FRAMES_MAX) });
        session.post("Debugger.resume", done);
      });
    });
    session.post("Debugger.enable");
    session.post("Debugger.pause");
  });
}

function nameFrame({ functionName, location }, url) {
  if (url.startsWith("node:")) return [];
  return [`${functionName || "<anonymous>"} (${url}:${location.lineNumber + 1}:${(location.columnNumber ?? 0) + 1})`];
}

watch();
