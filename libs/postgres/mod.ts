export { type Migration, MigrationError, migrate } from "./migrate.ts";
export { type OpenPostgresOptions, openPostgres, type Postgres, PostgresOpenError } from "./open.ts";
export { schemaName } from "./schema-name.ts";
