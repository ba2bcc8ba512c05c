// Pure: what `connector.plugin.version` and the like ask for.
import { ConfigError } from "@millrace/connect";
import { compareVersions } from "./maven-version.ts";

/** Versions from one bound to another; null: no bound. */
interface Restriction {
  readonly from: string | null;
  readonly fromIncluded: boolean;
  readonly to: string | null;
  readonly toIncluded: boolean;
}

export class VersionRange {
  readonly #restrictions: readonly Restriction[];

  private constructor(restrictions: readonly Restriction[]) {
    this.#restrictions = restrictions;
  }

  /**
   * A version alone means that version, ranges are written as Maven writes them: `[1.2]`, `[1.0,2.0)`, `(,1.0],[1.2,)`.
   * @returns null for `latest` and for what is not given: any version, and so the newest.
   * @throws ConfigError in Maven's words, code PLUGIN_VERSION_INVALID.
   */
  static of(requirement: string | null | undefined): VersionRange | null {
    if (requirement === null || requirement === undefined || requirement === "latest") return null;
    const text = requirement.trim();
    return new VersionRange(parse(text) ?? parse(`[${text}]`) ?? []);
  }

  admits(version: string): boolean {
    return this.#restrictions.some((each) => admits(each, version));
  }

  /** The newest of these that is in the range, or null. */
  newestOf(versions: readonly string[]): string | null {
    let newest: string | null = null;
    for (const version of versions) {
      if (this.admits(version) && (newest === null || compareVersions(version, newest) > 0)) newest = version;
    }
    return newest;
  }

  toString(): string {
    return this.#restrictions
      .map(({ from, fromIncluded, to, toIncluded }) => {
        return `${fromIncluded ? "[" : "("}${from ?? ""},${to ?? ""}${toIncluded ? "]" : ")"}`;
      })
      .join(",");
  }
}

/** null: no range but a version alone. */
function parse(spec: string): Restriction[] | null {
  const restrictions: Restriction[] = [];
  let rest = spec;
  let upper: string | null = null;
  while (/^[[(]/.test(rest)) {
    const end = rest.search(/[\])]/);
    if (end < 0) throw invalid(`Unbounded range: ${spec}`);
    const restriction = parseRestriction(rest.slice(0, end + 1));
    const { from, to } = restriction;
    if (upper !== null && (from === null || compareVersions(from, upper) < 0)) {
      throw invalid(`Ranges overlap: ${spec}`);
    }
    restrictions.push(restriction);
    upper = to;
    rest = rest.slice(end + 1).trim();
    if (rest.startsWith(",")) rest = rest.slice(1).trim();
  }
  if (restrictions.length === 0) return null;
  if (rest !== "") throw invalid(`Only fully-qualified sets allowed in multiple set scenario: ${spec}`);
  return restrictions;
}

function parseRestriction(spec: string): Restriction {
  const fromIncluded = spec.startsWith("[");
  const toIncluded = spec.endsWith("]");
  const inner = spec.slice(1, -1).trim();
  const comma = inner.indexOf(",");
  if (comma < 0) {
    if (!fromIncluded || !toIncluded) throw invalid(`Single version must be surrounded by []: ${spec}`);
    return { from: inner, fromIncluded, to: inner, toIncluded };
  }
  const from = inner.slice(0, comma).trim() || null;
  const to = inner.slice(comma + 1).trim() || null;
  if (from !== null && to !== null) {
    const width = compareVersions(to, from);
    if (width < 0 || (width === 0 && !(fromIncluded && toIncluded))) {
      throw invalid(`Range defies version ordering: ${spec}`);
    }
  }
  return { from, fromIncluded, to, toIncluded };
}

function admits({ from, fromIncluded, to, toIncluded }: Restriction, version: string): boolean {
  const above = from === null ? 1 : compareVersions(version, from);
  const below = to === null ? -1 : compareVersions(version, to);
  return (above > 0 || (above === 0 && fromIncluded)) && (below < 0 || (below === 0 && toIncluded));
}

function invalid(message: string): ConfigError {
  return new ConfigError(message, { code: "PLUGIN_VERSION_INVALID" });
}
