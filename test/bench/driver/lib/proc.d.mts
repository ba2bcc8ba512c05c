/** Of a process and all it has started; `rss` in bytes, `cpu` in seconds. */
export function treeStat(pid: number): { cpu: number; rss: number; threads: number; procs: number };
