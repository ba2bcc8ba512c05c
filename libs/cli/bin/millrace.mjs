#!/usr/bin/env node
// Starts the command line from its bundle. In a checkout, the bundle is first brought up to date with the sources.
import { existsSync } from "node:fs";

const bundler = new URL("../../../deploy/dev/bundle.mjs", import.meta.url);
const inCheckout = existsSync(bundler);
const main = new URL(inCheckout ? "../../../dist/cli.js" : "../dist/cli.js", import.meta.url);

try {
  if (inCheckout) {
    const { refresh } = await import(bundler);
    await refresh((text) => process.stderr.write(`millrace: ${text}\n`));
  }
} catch (error) {
  process.stderr.write(`millrace: the sources could not be bundled: ${error.message}\n`);
  process.exit(1);
}
await import(main);
