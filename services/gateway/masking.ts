// Pure: passwords of stored configs, kept from whoever reads them.
import { type ConnectorRecord, PASSWORD_MASK, type SubmittedConfig } from "@millrace/protocol";

/** A stored connector as it may be shown. */
export type Mask = (record: ConnectorRecord) => ConnectorRecord;

/** `millrace.rest.mask.passwords=false`: as Connect, which shows them. */
export const showAll: Mask = (record) => record;

/**
 * Hides passwords in the connector's config, and wherever its tasks' configs repeat them, under whatever key. References such
 * as `${file:...}` are shown: they are no secrets.
 */
export const hidePasswords: Mask = (record) => {
  const values = record.passwords.map((key) => record.config[key]).filter((value) => isSecret(value));
  const secrets = new Set(values);
  const keys = new Set(record.passwords);
  const hide = <V extends string | null>(config: Readonly<Record<string, V>>): Record<string, V> =>
    Object.fromEntries(
      Object.entries(config).map(([key, value]) => {
        const hidden = (keys.has(key) && isSecret(value)) || secrets.has(value);
        return [key, hidden ? (PASSWORD_MASK as V) : value];
      }),
    );
  if (secrets.size === 0) return record;
  return {
    ...record,
    config: hide(record.config),
    tasks: { ...record.tasks, configs: record.tasks.configs.map((config) => hide(config)) },
  };
};

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
