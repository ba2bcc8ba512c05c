// Pure: settings of type BOOLEAN as a connector's raw configuration holds them.

/** Absent: false. */
export function flagSetting(text: string | undefined): boolean {
  return text?.trim().toLowerCase() === "true";
}
