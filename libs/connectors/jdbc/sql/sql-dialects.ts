import type { Dialect } from "../dialect.ts";
import { mysqlGrammar } from "./mysql-grammar.ts";
import { oracleGrammar } from "./oracle-grammar.ts";
import { SqlDatabase } from "./sql-database.ts";
import type { SqlGrammar } from "./sql-grammar.ts";
import { sqliteGrammar } from "./sqlite-grammar.ts";
import { sqlserverGrammar } from "./sqlserver-grammar.ts";

export const sqlDialects: readonly Dialect[] = [
  dialect(mysqlGrammar, /^jdbc:(mysql|mariadb):/i),
  dialect(sqliteGrammar, /^jdbc:sqlite:/i),
  dialect(sqlserverGrammar, /^jdbc:sqlserver:/i),
  dialect(oracleGrammar, /^jdbc:oracle:thin:/i),
];

function dialect(grammar: SqlGrammar, urls: RegExp): Dialect {
  return {
    name: grammar.name,
    accepts: (url) => urls.test(url),
    open: (settings, sleep) => new SqlDatabase(grammar, settings, sleep),
  };
}
