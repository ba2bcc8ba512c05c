import { ConfigDef, ConfigError, type ConfigKey, configText, type Plugin, parseConfigType } from "../mod.ts";
import { type Check, errorOf, insist, shown } from "./check.ts";

type Config = Readonly<Record<string, string>>;

interface ConfigureOptions {
  readonly beside?: Config;
  readonly refusesByConfigError?: boolean;
}

const TYPES = ["BOOLEAN", "STRING", "INT", "SHORT", "LONG", "DOUBLE", "LIST", "CLASS", "PASSWORD"];
const IMPORTANCES = ["HIGH", "MEDIUM", "LOW"];
/** Types that text can fail to be. */
const PARSED = ["BOOLEAN", "INT", "SHORT", "LONG", "DOUBLE"];
const SECRET = /(^|[._-])(password|passwd|secret|api[._-]?key|access[._-]?key)$/i;

/** What holds for a plugin of any kind: what it says of itself, and its ConfigDef. */
export function pluginChecks(plugin: Plugin, config: Config): Check[] {
  return [
    { name: "says what it is", run: () => checkDescription(plugin) },
    { name: "documents each key of its config", run: () => eachKey(plugin, checkKey) },
    { name: "has defaults that are valid themselves", run: () => eachKey(plugin, checkDefault) },
    { name: "finds the given config valid", run: () => checkGiven(plugin, config) },
  ];
}

/**
 * `configure` of a transform, predicate or converter.
 * @param beside keys the runtime leaves in the config.
 * @param refusesByConfigError false: what it does with wrong values is its own affair.
 */
export function configureChecks(
  plugin: Plugin,
  given: Config,
  configure: (config: Config) => unknown,
  { beside = {}, refusesByConfigError = true }: ConfigureOptions = {},
): Check[] {
  const required = keysOf(plugin).filter((key) => key.required && Object.hasOwn(given, key.name));
  const parsed = keysOf(plugin).filter((key) => PARSED.includes(key.type));
  return [
    {
      name: "can be configured, and does not mind keys it does not know",
      run: async () => {
        const error = await errorOf(() => configure({ ...beside, "unknown.to.it": "x", ...given }));
        insist(error === null, `configure fails with the config of this test: ${shown(error)}`);
      },
    },
    ...(refusesByConfigError ? [refusal(given, configure, required, parsed)] : []),
    {
      name: "gives each user an instance of its own",
      run: () => {
        const [one, other]: unknown[] = [plugin.create(), plugin.create()];
        insist(one !== other, "create() gives the same object twice: make a new one each time.");
      },
    },
  ];
}

function refusal(
  given: Config,
  configure: (config: Config) => unknown,
  required: readonly ConfigKey[],
  parsed: readonly ConfigKey[],
): Check {
  return {
    name: "refuses a config without a required key, or with text where a number belongs, by ConfigError",
    run: async () => {
      for (const { name } of required) {
        const { [name]: _, ...without } = given;
        await mustRefuse(() => configure(without), `without '${name}', which is required`, name);
      }
      for (const { name, type } of parsed) {
        const wrong = { ...given, [name]: "not one" };
        await mustRefuse(() => configure(wrong), `with ${name}=not one, of type ${type}`, name);
      }
    },
  };
}

async function mustRefuse(run: () => unknown, how: string, name: string): Promise<void> {
  const error = await errorOf(run);
  insist(
    error !== null,
    `configure takes a config ${how}: read the config by its ConfigDef, \`config.parse(given)\`, before anything else.`,
  );
  insist(
    error instanceof ConfigError,
    `configure, given a config ${how}, throws ${shown(error)}: throw a ConfigError, as ConfigDef.parse does.`,
  );
  insist(
    error.message.includes(name),
    `The ConfigError for a config ${how} does not name '${name}': "${error.message}".`,
  );
}

function checkDescription(plugin: Plugin): void {
  const { class: name, version, overview, aliases = [] } = plugin;
  for (const each of [name, ...aliases]) {
    insist(
      /^[\w$]+([.-][\w$]+)*$/.test(each),
      `${shown(each)} is no class name: use one like com.example.MyTransform, without blanks; users write it into configs.`,
    );
  }
  insist(typeof version === "string" && version.trim() !== "", "version is empty: the plugin list and status show it.");
  insist(
    typeof overview === "string" && overview.trim() !== "",
    "overview is empty: say in a sentence what the plugin does.",
  );
  insist(
    plugin.config instanceof ConfigDef,
    "config is no ConfigDef of this @millrace/connect: make one with `new ConfigDef()`, and have one copy of the package only.",
  );
}

function checkKey(key: ConfigKey): void {
  const { name, type, importance, documentation } = key;
  insist(/^\S+$/.test(name), `The key ${shown(name)} has blanks in it, or is empty.`);
  insist(TYPES.includes(type), `The key ${name} is of type ${type}: use one of ${TYPES.join(", ")}.`);
  insist(
    IMPORTANCES.includes(importance),
    `The key ${name} has importance ${importance}: use one of ${IMPORTANCES.join(", ")}.`,
  );
  insist((documentation ?? "").trim() !== "", `The key ${name} has no documentation: it is what users see of it.`);
  insist(
    type === "PASSWORD" || !SECRET.test(name),
    `The key ${name} looks like a secret but is of type ${type}: make it PASSWORD, or its value is shown in answers and logs.`,
  );
}

/** What REST shows as the default must be something a user can write. */
function checkDefault(key: ConfigKey): void {
  const { name, type, validator } = key;
  if (key.required || key.default === null) return;
  const text = configText(key.default, type);
  try {
    const value = type === "PASSWORD" ? key.default : parseConfigType(name, text, type);
    validator?.ensureValid(name, value);
  } catch (error) {
    insist(false, `The default of ${name}, written as ${shown(text)}, is refused: ${shown(error)}`);
  }
}

function checkGiven(plugin: Plugin, config: Config): void {
  const wrong = plugin.config.validate(config).filter(({ errors }) => errors.length > 0);
  const text = wrong.map(({ name, errors }) => `${name}: ${errors.join(" ")}`).join("; ");
  insist(wrong.length === 0, `The config of this test is not valid by the plugin's ConfigDef: ${text}`);
}

function eachKey(plugin: Plugin, check: (key: ConfigKey) => void): void {
  for (const key of keysOf(plugin)) check(key);
}

/** None when `config` is no ConfigDef: another check says so. */
function keysOf(plugin: Plugin): readonly ConfigKey[] {
  return plugin.config instanceof ConfigDef ? [...plugin.config.keys.values()] : [];
}
