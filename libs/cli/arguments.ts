// Pure: command line arguments of one command.

export interface Arguments {
  /** What is no option, in order. */
  readonly files: readonly string[];
  /** From `--set key=value`, repeatable. */
  readonly overrides: Readonly<Record<string, string>>;
  /** `--name value`; "true" for a bare flag. The last one counts. */
  readonly options: Readonly<Record<string, string>>;
  /** Every value of an option, in order. */
  readonly all: Readonly<Record<string, readonly string[]>>;
}

export interface OptionSpec {
  /** Takes a value. */
  readonly value: boolean;
  readonly help: string;
  /** One letter: `-f`. */
  readonly short?: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** `--name value`, `--name=value`, `-n value`; after `--` nothing is an option. @throws Error naming what isn't known, or lacks its value. */
export function parseArguments(argv: readonly string[], specs: OptionSpecs): Arguments {
  const files: string[] = [];
  const overrides: Record<string, string> = {};
  const options: Record<string, string> = {};
  const all: Record<string, readonly string[]> = {};
  const end = argv.indexOf("--");
  const before = end < 0 ? argv : argv.slice(0, end);
  for (let i = 0; i < before.length; i++) {
    const argument = before[i]!;
    if (!argument.startsWith("-") || argument === "-") {
      files.push(argument);
      continue;
    }
    const [given = "", inline] = split(argument);
    const name = nameOf(given, specs);
    const takesValue = name === "set" || specs[name]!.value;
    const value = takesValue ? (inline ?? before[++i]) : (inline ?? "true");
    if (value === undefined) throw new Error(`${given} needs a value`);
    if (name === "set") {
      const [key = "", setting] = split(value);
      if (setting === undefined) throw new Error(`--set ${value}: give key=value`);
      overrides[key] = setting;
    } else {
      options[name] = value;
      all[name] = [...(all[name] ?? []), value];
    }
  }
  if (end >= 0) files.push(...argv.slice(end + 1));
  return { files, overrides, options, all };
}

function nameOf(given: string, specs: OptionSpecs): string {
  const name = given.startsWith("--")
    ? given.slice(2)
    : Object.keys(specs).find((each) => specs[each]!.short === given.slice(1));
  if (name !== undefined && (name === "set" || Object.hasOwn(specs, name))) return name;
  const known = Object.entries(specs).map(
    ([each, { short }]) => `--${each}${short === undefined ? "" : ` (-${short})`}`,
  );
  throw new Error(`there is no option ${given}; use ${["--set", ...known].join(", ")}`);
}

/** At the first `=`; the second part is undefined without one. */
function split(text: string): [string, string?] {
  const at = text.indexOf("=");
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
