import { useCallback, useEffect, useRef, useState } from "preact/hooks";

export interface Polled<T> {
  /** The last answer, also while the next one fails. */
  readonly data: T | null;
  readonly error: Error | null;
  refresh(): void;
}

/** Loads at once, then every `intervalMs` while the page is seen. `key`: another one begins anew. 0: only when asked. */
export function usePolled<T>(load: (signal: AbortSignal) => Promise<T>, key: string, intervalMs: number): Polled<T> {
  const [state, setState] = useState<{ key: string; data: T | null; error: Error | null }>({
    key,
    data: null,
    error: null,
  });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const gone = new AbortController();
    let timer: number | undefined;
    const run = async () => {
      if (document.hidden && intervalMs > 0) {
        timer = window.setTimeout(run, intervalMs);
        return;
      }
      try {
        const data = await latest.current(gone.signal);
        if (!gone.signal.aborted) setState({ key, data, error: null });
      } catch (error) {
        if (!gone.signal.aborted)
          setState((before) => ({ key, data: before.key === key ? before.data : null, error: error as Error }));
      }
      if (intervalMs > 0 && !gone.signal.aborted) timer = window.setTimeout(run, intervalMs);
    };
    void run();
    return () => {
      gone.abort();
      window.clearTimeout(timer);
    };
  }, [key, intervalMs, turn]);
  const refresh = useCallback(() => setTurn((before) => before + 1), []);
  const fresh = state.key === key;
  return { data: fresh ? state.data : null, error: fresh ? state.error : null, refresh };
}

/** The part of the address behind `#`. */
export function useRoute(): string {
  const read = () => location.hash.replace(/^#\/?/, "");
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const follow = () => setRoute(read());
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  return route;
}

/** A value that has rested for `restMs`. */
export function useRested<T>(value: T, restMs: number): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setRested(value), restMs);
    return () => window.clearTimeout(timer);
  }, [value, restMs]);
  return rested;
}
