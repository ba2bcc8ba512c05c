// Pure: `producer.linger.ms` in a connector's configuration, which nobody reads: `producer.override.linger.ms` is meant.

const CLIENT = /^(producer|consumer|admin)\.(?!override\.)(.+)$/;

export interface BareClientSetting {
  readonly name: string;
  readonly value: string;
  /** Under which a connector's client would get it. */
  readonly meant: string;
}

/** @param isKnown whether a setting is one of the connector's own after all. */
export function bareClientSettings(
  config: Readonly<Record<string, string>>,
  isKnown: (name: string) => boolean,
): BareClientSetting[] {
  return Object.entries(config).flatMap(([name, value]) => {
    const [, client, property] = CLIENT.exec(name) ?? [];
    return client === undefined || isKnown(name) ? [] : [{ name, value, meant: `${client}.override.${property}` }];
  });
}

export function bareClientSettingWarning({ name, meant }: BareClientSetting): string {
  return `No client of a connector gets its setting '${name}': write '${meant}' to change what the worker gives to the connector's client`;
}
