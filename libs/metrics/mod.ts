export * from "./catalogue.ts";
export * from "./connect-names.ts";
export * from "./exposition.ts";
export * from "./metric-sets.ts";
export * from "./windowed.ts";
