export const clusterId: string;
export function brokerProperties(places: { logDir: string; port: number; controllerPort: number }): string;
export function brokerArguments(
  propertiesFile: string,
  options?: { heapMbMax?: number; classes?: "use" | "record" },
): string[];
export function formatArguments(propertiesFile: string): string[];
