// Pure: what is found out about a connector's settings, and how Connect shows it.
import {
  type ConfigDef,
  type ConfigKey,
  type ConfigValue,
  configDefinitionInfo,
  configValueInfo,
} from "@millrace/connect";
import { type ConfigInfos, type ConfigKeyInfo, hashMapOrder } from "@millrace/protocol";
import { ConfigProviders, type Secrets } from "@millrace/service";

interface Entry {
  readonly key: ConfigKey | null;
  /** What stands before the key's own name. */
  readonly prefix: string;
  readonly value: ConfigValue;
}

/** Entries by full name, in the order they were found. */
export class Validation {
  readonly #entries = new Map<string, Entry>();
  readonly #groups: string[] = [];

  /** All settings of a definition. */
  add(definition: ConfigDef, config: Readonly<Record<string, string | null>>): void {
    for (const value of definition.validate(config)) this.#set("", definition.keys.get(value.name) ?? null, value);
    this.#groups.push(...definition.groups);
  }

  /** All settings of a converter. Its groups come in the order of a Java set, as in Connect. */
  addPrefixed(prefix: string, definition: ConfigDef, config: Readonly<Record<string, string>>): void {
    for (const value of definition.validate(config)) this.#set(prefix, definition.keys.get(value.name) ?? null, value);
    this.#groups.push(
      ...Object.keys(hashMapOrder(Object.fromEntries(definition.groups.map((group) => [group, null])))),
    );
  }

  /** A value that no definition knows. */
  addValue(name: string, value: string, recommendedValues: readonly string[] = []): void {
    this.#set("", null, { name, value, recommendedValues, errors: [], visible: true });
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  addError(name: string, message: string): void {
    const entry = this.#entries.get(name) ?? { key: null, prefix: "", value: emptyValue(name) };
    const errors = [...entry.value.errors, message];
    this.#entries.set(name, { ...entry, value: { ...entry.value, errors } });
  }

  replaceValue(name: string, value: string | null): void {
    const entry = this.#entries.get(name);
    if (entry !== undefined) this.#entries.set(name, { ...entry, value: { ...entry.value, value } });
  }

  valueOf(name: string): unknown {
    return this.#entries.get(name)?.value.value ?? null;
  }

  /** The keys in full that are defined with a type. */
  keysOfType(type: ConfigKey["type"]): string[] {
    return [...this.#entries].flatMap(([name, { key }]) => (key?.type === type ? [name] : []));
  }

  hasErrors(name: string): boolean {
    return (this.#entries.get(name)?.value.errors.length ?? 0) > 0;
  }

  get errorCount(): number {
    return [...this.#entries.values()].reduce((count, { value }) => count + value.errors.length, 0);
  }

  /** Entries without a definition first. A value that came from a config provider is shown as its reference (I9). */
  toInfos(name: string, submitted: Readonly<Record<string, string | null>>, secrets: Secrets): ConfigInfos {
    const ordered = [...this.#entries.values()].sort((a, b) => Number(a.key !== null) - Number(b.key !== null));
    return {
      name,
      error_count: this.errorCount,
      groups: [...new Set(this.#groups)],
      configs: ordered.map(({ key, prefix, value }) => {
        const fullName = prefix + value.name;
        const info = { ...configValueInfo(value, key?.type), name: fullName };
        const raw = submitted[fullName];
        const hidden = typeof raw === "string" && ConfigProviders.isReference(raw);
        const errors =
          hidden && info.errors.length > 0 ? [hiddenError(fullName)] : info.errors.map((error) => secrets.hide(error));
        const recommended = info.recommended_values.map((each) => secrets.hide(each));
        return {
          definition: key && definitionInfo(key, prefix),
          value: { ...info, value: hidden ? raw : info.value, recommended_values: recommended, errors },
        };
      }),
    };
  }

  #set(prefix: string, key: ConfigKey | null, value: ConfigValue): void {
    this.#entries.set(prefix + value.name, { key, prefix, value });
  }
}

export function definitionInfo(key: ConfigKey, prefix = ""): ConfigKeyInfo {
  return { ...configDefinitionInfo(key), name: prefix + key.name, dependents: [...key.dependents] };
}

function emptyValue(name: string): ConfigValue {
  return { name, value: null, recommendedValues: [], errors: [], visible: true };
}

function hiddenError(name: string): string {
  return `Invalid value for configuration '${name}': the value resolved from the config provider reference failed validation`;
}
