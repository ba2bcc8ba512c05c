// Pure: what is wrong with a configuration beyond single values. Texts and order are Confluent's.
import type { ConfigProblem, TaskConfig } from "@millrace/connect";
import { type JdbcSourceSettings, jdbcSourceSettings } from "./settings.ts";

type Check = (settings: JdbcSourceSettings, config: TaskConfig) => ConfigProblem[];

const MIXED =
  "Cannot mix legacy and new configuration approaches. Legacy configurations (table.whitelist, table.blacklist, " +
  "timestamp.column.name, incrementing.column.name) cannot be used together with new configurations " +
  "(table.include.list, table.exclude.list, timestamp.columns.mapping, incrementing.column.mapping). Please choose one " +
  "approach: either use all legacy configurations or all new configurations.";
const WITH_QUERY =
  "Do not specify table filtering configs with 'query'. Remove table.whitelist / table.blacklist / " +
  "table.include.list / table.exclude.list when using query mode or 'query' when using table filtering mode.";
const BOTH_QUERIES =
  "Both 'query' and 'query.masked' configs cannot be set at the same time. Please use only one of them.";

const FILTERS = ["table.whitelist", "table.blacklist", "table.include.list", "table.exclude.list"];
const LEGACY = ["table.whitelist", "table.blacklist", "timestamp.column.name", "incrementing.column.name"];
const CURRENT = [
  "table.include.list",
  "table.exclude.list",
  "timestamp.columns.mapping",
  "incrementing.column.mapping",
];
const TIMESTAMP_MODES = "'timestamp' or 'timestamp+incrementing'";
const INCREMENTING_MODES = "'incrementing' or 'timestamp+incrementing'";

/** Empty when the settings can be used. A group of checks that finds something ends the search, as in Confluent's. */
export function settingsProblems(config: TaskConfig): ConfigProblem[] {
  const settings = jdbcSourceSettings(config);
  for (const check of CHECKS) {
    const problems = check(settings, config);
    if (problems.length > 0) return problems;
  }
  return [];
}

const CHECKS: readonly Check[] = [
  (settings) => [
    ...(settings.url === "" ? [problem("connection.url", "Connection URL is required.")] : []),
    ...(settings.mode === "" ? [problem("mode", "Query mode must be specified")] : []),
  ],
  ({ isolation, url, dialectName }) => {
    const sqlServer = dialectName === "SqlServerDatabaseDialect" || url.startsWith("jdbc:sqlserver:");
    if (isolation !== "SQL_SERVER_SNAPSHOT" || sqlServer) return [];
    const text = "Isolation mode of `SQL_SERVER_SNAPSHOT` can only be configured with a Sql Server Dialect";
    return [problem("transaction.isolation.mode", text)];
  },
  ({ query, tableFilter: { whitelist, blacklist } }, config) => {
    if (query !== "") return [];
    if (whitelist.length > 0 && blacklist.length > 0) {
      const text = "table.blacklist and table.whitelist are exclusive.";
      return [problem("table.whitelist", text), problem("table.blacklist", text)];
    }
    const [legacy, current] = [LEGACY, CURRENT].map((names) => names.filter((name) => isSet(config, name)));
    if (legacy!.length === 0 || current!.length === 0) return [];
    return [...legacy!, ...current!].map((name) => problem(name, MIXED));
  },
  (settings, config) => queryProblems(settings, config),
  ({ tableFilter: { includeList, excludeList } }) => {
    if (excludeList.length === 0 || includeList.length > 0) return [];
    const text =
      "table.exclude.list cannot be used without table.include.list. Exclude list only applies to tables that match the " +
      "include list.";
    return [problem("table.exclude.list", text)];
  },
  (settings, config) => columnProblems(settings, config),
];

function queryProblems({ query, mode, marks }: JdbcSourceSettings, config: TaskConfig): ConfigProblem[] {
  if (query === "") return [];
  const given = ["query", "query.masked"].filter((name) => isSet(config, name));
  if (given.length > 1) return given.map((name) => problem(name, BOTH_QUERIES));
  const filters = FILTERS.filter((name) => isSet(config, name));
  if (filters.length > 0) return ["query", "query.masked", ...filters].map((name) => problem(name, WITH_QUERY));
  const key = given[0]!;
  if (!/^(select|with)\b/i.test(query)) {
    return [
      problem(
        key,
        `Only SELECT statements are supported for '${key}'. Please provide a statement that starts with SELECT.`,
      ),
    ];
  }
  if (marks.incrementing && !isSet(config, "incrementing.column.name")) {
    const text =
      "'incrementing.column.name' must be provided when using mode 'incrementing' or 'timestamp+incrementing' with a " +
      "custom query. The incrementing column cannot be auto-discovered in query mode because there is no table to inspect. " +
      "Note that 'incrementing.column.mapping' is not applied in query mode (it maps columns by table-name regex, and a " +
      "custom query has no underlying table to match), so 'incrementing.column.name' must be set explicitly.";
    return [problem("incrementing.column.name", text)];
  }
  if (marks.timestamp && !isSet(config, "timestamp.column.name")) {
    return [
      problem(
        "timestamp.column.name",
        `'timestamp.column.name' must be provided when using mode '${mode}' with a query.`,
      ),
    ];
  }
  return [];
}

/** Of configurations that name columns by table; those that do not may leave an incrementing column to be found. */
function columnProblems({ query, mode, marks }: JdbcSourceSettings, config: TaskConfig): ConfigProblem[] {
  if (query !== "") return [];
  const current = CURRENT.some((name) => isSet(config, name));
  const timestamps = isSet(config, "timestamp.columns.mapping");
  const incrementing = isSet(config, "incrementing.column.mapping");
  if (!current) {
    if (!marks.timestamp || isSet(config, "timestamp.column.name")) return [];
    const text = `Timestamp column configuration must be provided when using mode '${mode}'. Provide 'timestamp.column.name'.`;
    return [problem("timestamp.column.name", text)];
  }
  if (marks.timestamp && !timestamps) {
    return [
      problem(
        "mode",
        `Timestamp column configuration must be provided when using mode ${TIMESTAMP_MODES}. Provide 'timestamp.columns.mapping'.`,
      ),
    ];
  }
  if (!marks.timestamp && timestamps) {
    return [
      problem(
        "mode",
        `Timestamp column configurations should not be provided if mode is not ${TIMESTAMP_MODES}. Remove 'timestamp.columns.mapping'.`,
      ),
    ];
  }
  if (!marks.incrementing && incrementing) {
    return [
      problem(
        "mode",
        `Incrementing column configurations should not be provided if mode is not ${INCREMENTING_MODES}. Remove 'incrementing.column.mapping'.`,
      ),
    ];
  }
  return [];
}

function isSet(config: TaskConfig, name: string): boolean {
  return (config[name] ?? "").trim() !== "";
}

function problem(name: string, message: string): ConfigProblem {
  return { name, message };
}
