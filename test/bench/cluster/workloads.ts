import { measureControlPlane } from "./control-plane.ts";
import { connectPlane, millracePlane } from "./planes.ts";
import { plotControlPlane } from "./plot.ts";
import { renderControlPlane, renderFailover } from "./report.ts";
import { runFailover } from "./run-failover.ts";

/** What a benchmark of whole clusters is given. */
export interface ClusterBench {
  /** null: Millrace alone. */
  readonly peer: {
    readonly peerHome: string;
    readonly log4j: string;
    /** Its delay of five minutes too. */
    readonly defaults: boolean;
  } | null;
  /** false: the peer alone, beside the figures of before. */
  readonly ours: boolean;
  /** A file of earlier results; null: there is none. */
  before(file: string): string | null;
  /** 1: as it is published. */
  readonly scale: number;
  readonly say: (line: string) => void;
}

/** Texts by file name; `<workload>.md` is shown. */
export interface ClusterFindings {
  readonly files: Readonly<Record<string, string>>;
}

/** How many connectors there are. */
const SIZES = [100, 250, 500, 1_000, 1_500, 2_000];
const PEER_SIZES = [100, 200];

/** They start clusters of their own and cannot be driven as the other workloads are. */
export const clusterWorkloads = {
  async failover(bench: ClusterBench): Promise<ClusterFindings> {
    const results = beside(bench.before("failover.json"), await runFailover(bench));
    return { files: { "failover.md": renderFailover(results), "failover.json": json(results) } };
  },
  async "control-plane"({ peer, ours, scale, say, before }: ClusterBench): Promise<ClusterFindings> {
    const scaled = (sizes: readonly number[]) => sizes.map((size) => Math.ceil(size * scale));
    const measured = ours ? [await measureControlPlane(millracePlane(), scaled(SIZES), say)] : [];
    // Its tasks run in the process that is measured, so it is asked for fewer.
    if (peer !== null) measured.push(await measureControlPlane(connectPlane(peer), scaled(PEER_SIZES), say));
    const results = beside(before("control-plane.json"), measured);
    return {
      files: {
        "control-plane.md": results.map(renderControlPlane).join("\n"),
        "control-plane.json": json(results),
        "control-plane.svg": plotControlPlane(results[0]!),
      },
    };
  },
};

export type ClusterWorkload = keyof typeof clusterWorkloads;

/** The new figures, and those of before under other labels. */
function beside<T extends { readonly label: string }>(before: string | null, results: readonly T[]): readonly T[] {
  const others = (before === null ? [] : (JSON.parse(before) as T[])).filter(({ label }) => {
    return !results.some((result) => result.label === label);
  });
  return [...others, ...results].sort((a, b) => Number(b.label === "millrace") - Number(a.label === "millrace"));
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
