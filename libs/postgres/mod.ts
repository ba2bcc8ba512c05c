export { type Migration, MigrationError, migrate } from "./migrate.ts";
export { type OpenPostgresOptions, openPostgres, type Postgres, PostgresOpenError } from "./open.ts";
export { schemaName } from "./schema-name.ts";
export { type StatementFailure, type Statements, statements } from "./statements.ts";
