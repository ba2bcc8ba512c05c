// Pure: passwords of stored configs, kept from whoever reads them.
import { type ConfigVersion, type ConnectorRecord, PASSWORD_MASK, type SubmittedConfig } from "@millrace/protocol";

/** A stored connector as it may be shown. */
export type Mask = (record: ConnectorRecord) => ConnectorRecord;

/** `millrace.rest.mask.passwords=false`: as Connect, which shows them. */
export const showAll: Mask = (record) => record;

/**
 * Hides passwords in the connector's config, and wherever its tasks' configs repeat them, under whatever key. References such
 * as `${file:...}` are shown: they are no secrets.
 */
export const hidePasswords: Mask = (record) => {
  const { secrets, hide } = hiding(record);
  if (secrets.size === 0) return record;
  return {
    ...record,
    config: hide(record.config),
    tasks: { ...record.tasks, configs: record.tasks.configs.map((config) => hide(config)) },
  };
};

/** A config of its own, an earlier version say. */
export type MaskConfig = (version: Pick<ConfigVersion, "config" | "passwords">) => SubmittedConfig;

export const showConfig: MaskConfig = ({ config }) => config;
export const hideConfigPasswords: MaskConfig = (version) => hiding(version).hide(version.config);

function hiding({ config: given, passwords }: Pick<ConfigVersion, "config" | "passwords">) {
  const secrets = new Set(passwords.map((key) => given[key]).filter((value) => isSecret(value)));
  const keys = new Set(passwords);
  const hide = <V extends string | null>(config: Readonly<Record<string, V>>): Record<string, V> =>
    Object.fromEntries(
      Object.entries(config).map(([key, value]) => {
        const hidden = (keys.has(key) && isSecret(value)) || secrets.has(value);
        return [key, hidden ? (PASSWORD_MASK as V) : value];
      }),
    );
  return { secrets, hide };
}

export function holdsMask(config: SubmittedConfig): boolean {
  return Object.values(config).includes(PASSWORD_MASK);
}

/** For validation, which stores nothing: masks replaced by the passwords they stand for, where there are any. */
export function unmasked(config: SubmittedConfig, stored: ConnectorRecord): SubmittedConfig {
  const known = new Set(stored.passwords);
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      value === PASSWORD_MASK && known.has(key) ? (stored.config[key] ?? null) : value,
    ]),
  );
}

/** One with text of its own around a reference is still no secret to be kept: what it refers to is not here. */
function isSecret(value: string | null | undefined): boolean {
  return value !== null && value !== undefined && value !== "" && !/\$\{[^}]*:[^}]*\}/.test(value);
}
