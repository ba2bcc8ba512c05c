export type Ecosystem = "python" | "java" | "go" | "node";
export function sourceDir(ecosystem: Ecosystem): string;
export function installedDir(ecosystem: Ecosystem): string;
