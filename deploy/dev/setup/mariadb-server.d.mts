export function findMariadb(): { readonly server: string; readonly tablesDir: string } | undefined;
