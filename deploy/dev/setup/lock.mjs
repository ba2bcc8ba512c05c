// One set-up at a time per cache: a file holding the process id of its owner.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SetupError } from "./command.mjs";
import { cacheDir } from "./places.mjs";

const waitMsMax = 1_800_000;
const file = join(cacheDir, "setup.lock");

/** Waits for other set-ups to end, takes the lock and gives it back at exit. `note` tells the user why we wait. */
export async function takeLock(note) {
  mkdirSync(cacheDir, { recursive: true });
  let told = false;
  for (let waitedMs = 0; !tryLock(); waitedMs += 200) {
    const owner = ownerPid();
    if (owner !== undefined && !isAlive(owner)) {
      rmSync(file, { force: true });
      continue;
    }
    if (waitedMs > waitMsMax) {
      throw new SetupError(`another set-up (process ${owner}) holds ${file}`, { whatToDo: "end it, then start again" });
    }
    if (!told) note(`another set-up (process ${owner}) is at work: waiting for it`);
    told = true;
    await sleep(200);
  }
  process.on("exit", () => rmSync(file, { force: true }));
}

function tryLock() {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/** Undefined while the owner is between creating the file and writing its id, or has just gone. */
function ownerPid() {
  try {
    return Number.parseInt(readFileSync(file, "utf8"), 10) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
