// Pure: what becomes of the work whose host has crashed.
import { backoffMs } from "@millrace/time";
import type { HostEnd } from "./host-end.ts";

export interface CrashSettings {
  /** `millrace.auto.restart`. */
  readonly autoRestart: boolean;
  /** `millrace.auto.restart.fatal.max`: within an hour. */
  readonly fatalMax: number;
  /** `millrace.auto.restart.backoff.initial.ms` and `.max.ms`. */
  readonly initialMs: number;
  readonly maxMs: number;
}

export interface HostCrash {
  /** Of the runner's hosts. */
  readonly host: number;
  /** Key of the work that was seen at fault; null: nobody knows. */
  readonly culprit: string | null;
  readonly kind: HostEnd["kind"];
  /** How much ran there that is not started again, because it was being stopped. */
  readonly others: number;
  readonly nowMs: number;
  /** In [0, 1). */
  readonly random: number;
}

/** What is remembered of one work item while it stays the same: until its config or generation changes or a user restarts it. */
export interface CrashHistory {
  /** When it was among those that may have been at fault. */
  readonly suspectedAtMs: readonly number[];
  /** When it surely was. */
  readonly guiltyAtMs: readonly number[];
  /** Whom it may share a host with from now on; null: whoever `task.isolation` says. */
  readonly group: string | null;
}

export const NO_CRASHES: CrashHistory = { suspectedAtMs: [], guiltyAtMs: [], group: null };

export interface CrashedWork {
  readonly key: string;
  readonly history: CrashHistory;
  /** How long ago it was started there. */
  readonly ranMs: number;
}

export interface AfterCrash {
  readonly key: string;
  readonly history: CrashHistory;
  /** null: it is not started again. */
  readonly delayMs: number | null;
}

const SUSPECT_WINDOW_MS = 600_000;
const GUILTY_WINDOW_MS = 3_600_000;
const BACKOFF_WINDOW_MS = 60_000;
/** Who had just come to a host where others ran for much longer is suspected before them. */
const JUST_COME_MS = 10_000;
const MUCH_LONGER = 3;
/** The others start first. */
const NEWCOMER_MS = 500;
const BACKOFF = { initialMs: 50, maxMs: 30_000 };
/** A host that is killed from outside is in no loop of its own making. */
const KILLED_BACKOFF = { initialMs: 50, maxMs: 1_000 };
/** A single crash could be a stray fault of anybody's, also of the runtime's. */
const SPLIT_AFTER = 2;
/** Sixteen suspects stand alone after the third crash. */
const SPLIT_INTO = 4;

/**
 * One that was seen at fault, or was alone there, gets a host of its own at once, waits longer each time, and fails after as
 * many times as any other fatal error. The others start again at once, where they were.
 *
 * When nobody knows, all are suspects. Those that had just come are parted from the others. If all ran for as long, all are
 * parted from the second crash on, or the first if the host stood still: so the next one finds the one at fault with fewer
 * others, at last with none.
 */
export function afterCrash(
  crash: HostCrash,
  works: readonly CrashedWork[],
  settings: CrashSettings,
): readonly AfterCrash[] {
  const culprit =
    crash.culprit ?? (works.length + crash.others === 1 && crash.kind !== "killed" ? works[0]?.key : undefined);
  if (culprit === undefined) return suspectAll(crash, works);
  return works.map((work) => {
    if (work.key === culprit) return condemn(crash, work, settings);
    return { key: work.key, history: work.history, delayMs: backoffMs(1, BACKOFF, crash.random) };
  });
}

function condemn({ nowMs, random }: HostCrash, { key, history }: CrashedWork, settings: CrashSettings): AfterCrash {
  const guiltyAtMs = [...within(history.guiltyAtMs, GUILTY_WINDOW_MS, nowMs), nowMs];
  const fails = !settings.autoRestart || guiltyAtMs.length > settings.fatalMax;
  const delayMs = fails ? null : backoffMs(guiltyAtMs.length, settings, random);
  return { key, history: { ...history, guiltyAtMs, group: `only ${key}` }, delayMs };
}

function suspectAll(crash: HostCrash, works: readonly CrashedWork[]): readonly AfterCrash[] {
  const { host, kind, nowMs, random } = crash;
  const suspects = works.map(({ key, history, ranMs }) => {
    return { key, history, ranMs, suspectedAtMs: [...within(history.suspectedAtMs, SUSPECT_WINDOW_MS, nowMs), nowMs] };
  });
  const longestMs = Math.max(...suspects.map(({ ranMs }) => ranMs));
  const newcomers = suspects.filter(({ ranMs }) => ranMs < JUST_COME_MS && ranMs * MUCH_LONGER < longestMs);
  const again = suspects.filter(({ suspectedAtMs }) => suspectedAtMs.length >= (kind === "blocked" ? 1 : SPLIT_AFTER));
  const groups = newcomers.length > 0 ? partsOf(newcomers, 1, host) : partsOf(again, SPLIT_INTO, host);
  return suspects.map(({ key, history, suspectedAtMs }) => {
    const attempt = within(suspectedAtMs, BACKOFF_WINDOW_MS, nowMs).length;
    const backoff = backoffMs(attempt, kind === "killed" ? KILLED_BACKOFF : BACKOFF, random);
    const delayMs = groups.has(key) && newcomers.length > 0 ? Math.max(NEWCOMER_MS, backoff) : backoff;
    return { key, history: { ...history, suspectedAtMs, group: groups.get(key) ?? history.group }, delayMs };
  });
}

/** A group for each, as even as can be, the same whatever their order. */
function partsOf(works: readonly { readonly key: string }[], partsMax: number, host: number): Map<string, string> {
  const parts = Math.min(partsMax, works.length);
  const keys = works.map(({ key }) => key).sort();
  return new Map(keys.map((key, i) => [key, `part ${Math.floor((i * parts) / keys.length) + 1} of host ${host}`]));
}

function within(timesMs: readonly number[], windowMs: number, nowMs: number): readonly number[] {
  return timesMs.filter((atMs) => nowMs - atMs < windowMs);
}
