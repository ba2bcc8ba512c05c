// Pure: headers that an operator wants on every answer, from `response.http.headers.config`.

type Action = "set" | "add" | "setDate" | "addDate";

export interface HeaderRule {
  readonly action: Action;
  readonly name: string;
  /** Of the date actions: milliseconds from now. */
  readonly value: string;
}

const RULE = /^(\S+)\s+([^\s:]+)\s*:\s*(.*)$/;
const ACTIONS: readonly string[] = ["set", "add", "setDate", "addDate"];

/**
 * @param text comma-separated `[set|add|setDate|addDate] [name]:[value]`; one with a comma in it stands in double quotes.
 * @throws Error naming the part that is none.
 */
export function headerRules(text: string): HeaderRule[] {
  return splitOutsideQuotes(text).map((part) => {
    const [, action = "", name = "", value = ""] = RULE.exec(part) ?? [];
    const isDate = action.endsWith("Date");
    if (!ACTIONS.includes(action) || (isDate && !/^-?\d+$/.test(value))) {
      throw new Error(
        `Invalid value ${text} for configuration response.http.headers.config: '${part}' is not '[set|add|setDate|addDate] [name]:[value]'`,
      );
    }
    return { action: action as Action, name, value };
  });
}

export function applyHeaderRules(rules: readonly HeaderRule[], headers: Headers, nowMs: number): void {
  for (const { action, name, value } of rules) {
    const shown = action.endsWith("Date") ? new Date(nowMs + Number(value)).toUTCString() : value;
    if (action.startsWith("set")) headers.set(name, shown);
    else headers.append(name, shown);
  }
}

function splitOutsideQuotes(text: string): string[] {
  const parts = text.match(/(?:"[^"]*"|[^,])+/g) ?? [];
  return parts
    .map((part) =>
      part
        .trim()
        .replace(/^"(.*)"$/, "$1")
        .trim(),
    )
    .filter((part) => part !== "");
}
