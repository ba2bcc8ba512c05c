// Pure: command line arguments of one command.

export interface Arguments {
  readonly files: readonly string[];
  /** From `--set key=value`, repeatable. */
  readonly overrides: Readonly<Record<string, string>>;
  /** `--name value`; "true" for a bare flag. */
  readonly options: Readonly<Record<string, string>>;
}

export interface OptionSpec {
  /** Takes a value. */
  readonly value: boolean;
  readonly help: string;
}

/** @throws Error naming the argument that isn't known, or lacks its value. */
export function parseArguments(argv: readonly string[], specs: Readonly<Record<string, OptionSpec>>): Arguments {
  const files: string[] = [];
  const overrides: Record<string, string> = {};
  const options: Record<string, string> = {};
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]!;
    if (!argument.startsWith("--")) {
      files.push(argument);
      continue;
    }
    const [name = "", inline] = split(argument.slice(2));
    const spec = name === "set" ? { value: true } : specs[name];
    if (spec === undefined) {
      const known = ["--set", ...Object.keys(specs).map((each) => `--${each}`)].join(", ");
      throw new Error(`there is no option --${name}; use ${known}`);
    }
    const value = spec.value ? (inline ?? argv[++i]) : (inline ?? "true");
    if (value === undefined) throw new Error(`--${name} needs a value`);
    if (name !== "set") {
      options[name] = value;
      continue;
    }
    const [key = "", setting] = split(value);
    if (setting === undefined) throw new Error(`--set ${value}: give key=value`);
    overrides[key] = setting;
  }
  return { files, overrides, options };
}

/** At the first `=`; the second part is undefined without one. */
function split(text: string): [string, string?] {
  const at = text.indexOf("=");
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
