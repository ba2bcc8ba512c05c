/** Rebuilds dist/ when a source is newer; resolves to whether it did. `note` is told what takes so long. */
export function refresh(note: (text: string) => void): Promise<boolean>;
