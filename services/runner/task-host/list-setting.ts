// Pure: settings of type LIST as a connector's raw configuration holds them.

/** Parts between commas, trimmed; empty ones are left out. Absent: none. */
export function listSetting(text: string | undefined): string[] {
  return (text ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
