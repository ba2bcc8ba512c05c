export function findCommand(name: string): string | undefined;
export function tail(logFile: string, lineCount: number): string[];
