// Pure: is what a module exports a plugin?
import type { Plugin, PluginType } from "@millrace/connect";

const TYPES: readonly PluginType[] = ["source", "sink", "converter", "header_converter", "transformation", "predicate"];

/** The plugins of a module's default export, and what is wrong with the others, one line each. */
export function pluginsOf(exported: unknown): { readonly valid: Plugin[]; readonly problems: string[] } {
  const given = Array.isArray(exported) ? exported : [exported];
  const valid: Plugin[] = [];
  const problems: string[] = [];
  if (given.length === 0) problems.push("its default export is an empty list");
  for (const each of given as unknown[]) {
    const problem = problemOf(each);
    if (problem === null) valid.push(each as Plugin);
    else problems.push(problem);
  }
  return { valid, problems };
}

function problemOf(exported: unknown): string | null {
  if (typeof exported !== "object" || exported === null) {
    const what = exported === undefined ? "it has no default export" : `its default export is a ${typeof exported}`;
    return `${what}: export a plugin, as definePlugin makes it, or a list of them`;
  }
  const { class: name, type, version, config, create } = exported as Record<string, unknown>;
  if (!isText(name)) return "its default export has no class: export a plugin, as definePlugin makes it";
  if (!TYPES.includes(type as PluginType)) return `${name}: type is ${show(type)}, not one of ${TYPES.join(", ")}`;
  if (!isText(version)) return `${name}: version is ${show(version)}, not a text such as "1.0.0"`;
  if (typeof (config as { validate?: unknown } | null | undefined)?.validate !== "function") {
    return `${name}: config is ${show(config)}, not a ConfigDef`;
  }
  return typeof create === "function" ? null : `${name}: create is ${show(create)}, not a function`;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return value === undefined ? "missing" : typeof value;
}
