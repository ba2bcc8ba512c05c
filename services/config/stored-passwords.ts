// Pure: a config that comes back as it was shown, with masks in place of its passwords.
import { type ConnectorRecord, PASSWORD_MASK, ProtocolError, type SubmittedConfig } from "@millrace/protocol";

export function holdsMask(config: SubmittedConfig): boolean {
  return Object.values(config).includes(PASSWORD_MASK);
}

/**
 * Each mask replaced by the stored password of its key.
 * @throws ProtocolError INVALID for a mask that stands for nothing: no connector must come to use the mask as its password.
 */
export function withStoredPasswords(config: SubmittedConfig, stored: ConnectorRecord | null): SubmittedConfig {
  const filled = Object.entries(config).map(([key, value]): [string, string | null] => {
    if (value !== PASSWORD_MASK) return [key, value];
    if (stored?.passwords.includes(key)) return [key, stored.config[key] ?? null];
    throw new ProtocolError(
      "INVALID",
      `${key} is '${PASSWORD_MASK}', which stands for a stored password, and there is none stored for it: send the password itself, or a reference to it such as \${secrets:...}`,
    );
  });
  return Object.fromEntries(filled);
}
