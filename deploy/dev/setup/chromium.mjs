// Chromium, for tests of the console: from Debian.
import { findCommand, SetupError } from "./command.mjs";
import { ensureDebianPackages } from "./debian.mjs";

/** The browser's path, or undefined. */
export const findChromium = () => findCommand("chromium") ?? findCommand("chromium-browser");

export const chromium = {
  name: "chromium",
  title: "Chromium",
  after: [],
  isReady: () => findChromium() !== undefined,
  async install({ report, logFile }) {
    // Without a font there is nothing to see, and nothing to measure.
    await ensureDebianPackages(["chromium", "fonts-dejavu-core"], { purpose: "to test the console", report, logFile });
    if (findChromium()) return;
    throw new SetupError("there is no chromium in PATH", {
      whatToDo: "install Chromium (Debian: chromium), then start again",
      logFile,
    });
  },
};
