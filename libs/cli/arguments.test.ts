import assert from "node:assert/strict";
import { test } from "node:test";
import { parseArguments } from "./arguments.ts";

const specs = {
  filename: { value: true, short: "f", help: "" },
  yes: { value: false, short: "y", help: "" },
};

test("parseArguments takes long, short and inline options, repeats and settings", () => {
  const line = ["a", "-f", "x.json", "--filename=y.json", "--set", "k=v=w", "-y", "-", "--", "--not-an-option"];
  assert.deepEqual(parseArguments(line, specs), {
    files: ["a", "-", "--not-an-option"],
    overrides: { k: "v=w" },
    options: { filename: "y.json", yes: "true" },
    all: { filename: ["x.json", "y.json"], yes: ["true"] },
  });
});

test("parseArguments names what it does not know, and what lacks its value", () => {
  assert.throws(() => parseArguments(["--file"], specs), {
    message: "there is no option --file; use --set, --filename (-f), --yes (-y)",
  });
  assert.throws(() => parseArguments(["-x"], specs), { message: /^there is no option -x;/ });
  assert.throws(() => parseArguments(["-f"], specs), { message: "-f needs a value" });
  assert.throws(() => parseArguments(["--set", "k"], specs), { message: "--set k: give key=value" });
});
