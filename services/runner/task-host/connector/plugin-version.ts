// Pure: does a plugin have the version that a connector asks for?
import type { Plugin } from "@millrace/connect";

/**
 * Why this requirement is not met, in Connect's words, or null. A requirement is a version, `latest`, or a range as Maven
 * writes them: `[1.2]`, `[1.0,2.0)`, `(,1.0],[1.2,)`.
 */
export function versionProblem(plugin: Pick<Plugin, "class" | "version">, requirement: string): string | null {
  const given = requirement.trim();
  if (given === "" || given === "latest") return null;
  const isRange = /[[(]/.test(given);
  const ranges = isRange ? parseRanges(given) : [exactly(given)];
  if (ranges === null) return `Invalid version specification: ${given}`;
  if (ranges.some((range) => admits(range, plugin.version))) return null;
  const shown = isRange ? given : `[${given},${given}]`;
  return `Plugin ${plugin.class} not found that matches the version range ${shown}, available versions: [${plugin.version}]`;
}

interface Range {
  /** null: no bound. */
  readonly from: string | null;
  readonly to: string | null;
  readonly fromIncluded: boolean;
  readonly toIncluded: boolean;
}

function exactly(version: string): Range {
  return { from: version, to: version, fromIncluded: true, toIncluded: true };
}

function parseRanges(text: string): Range[] | null {
  const compact = text.replace(/\s/g, "");
  const parts = compact.match(/[[(][^[\]()]*[\])]/g) ?? [];
  if (parts.join(",") !== compact) return null;
  const ranges: Range[] = [];
  for (const part of parts) {
    const bounds = part.slice(1, -1).split(",");
    const [from = "", to = from] = bounds;
    const [fromIncluded, toIncluded] = [part.startsWith("["), part.endsWith("]")];
    const single = bounds.length === 1;
    if (bounds.length > 2 || (single && (from === "" || !fromIncluded || !toIncluded))) return null;
    ranges.push({ from: from === "" ? null : from, to: to === "" ? null : to, fromIncluded, toIncluded });
  }
  return ranges;
}

function admits({ from, to, fromIncluded, toIncluded }: Range, version: string): boolean {
  const above = from === null ? 1 : compareVersions(version, from);
  const below = to === null ? -1 : compareVersions(version, to);
  return (above > 0 || (above === 0 && fromIncluded)) && (below < 0 || (below === 0 && toIncluded));
}

/** Numbers by value, then by text; a missing part counts as 0, and a qualifier (`-rc1`) comes before the release. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.toLowerCase().split(/[.-]|(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)/));
  for (let i = 0; i < Math.max(left!.length, right!.length); i++) {
    const difference = comparePart(left![i] ?? "0", right![i] ?? "0");
    if (difference !== 0) return difference;
  }
  return 0;
}

function comparePart(a: string, b: string): number {
  const [numberA, numberB] = [a, b].map((part) => (/^\d+$/.test(part) ? Number(part) : null));
  if (numberA !== null && numberB !== null) return numberA! - numberB!;
  if (numberA === null && numberB === null) return a < b ? -1 : Number(a > b);
  return numberA === null ? -1 : 1;
}
