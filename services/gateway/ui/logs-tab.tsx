import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { apiUrl, type LogLine, ownPath } from "./api.ts";
import { Card, Failure } from "./parts.tsx";

const LINES_MAX = 1_000;

/** What connector and tasks log, wherever they run, as it comes. */
export function LogsTab({ name }: { readonly name: string }): JSX.Element {
  const [lines, setLines] = useState<readonly LogLine[]>([]);
  const [error, setError] = useState<Error | null>(null);
  const [text, setText] = useState("");
  const end = useRef<HTMLPreElement>(null);
  useEffect(() => {
    setLines([]);
    const stream = new EventSource(apiUrl(ownPath(name, "/logs?lines=200&follow=true")));
    stream.onopen = () => setError(null);
    stream.onmessage = ({ data }) =>
      setLines((before) => [...before, JSON.parse(data as string) as LogLine].slice(-LINES_MAX));
    stream.onerror = () => setError(new Error("The log cannot be read now; trying again."));
    return () => stream.close();
  }, [name]);
  const wanted = lines.filter((line) => text === "" || JSON.stringify(line).toLowerCase().includes(text.toLowerCase()));
  useEffect(() => end.current?.scrollTo({ top: end.current.scrollHeight }), [wanted.length]);
  return (
    <Card title="Log">
      <Failure error={error} />
      <div class="filters">
        <label>
          Filter
          <input type="search" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard */}
      <pre class="log" ref={end} tabIndex={0} role="log" aria-label="Log lines">
        {wanted.map(lineText).join("\n") || "Nothing logged lately."}
      </pre>
    </Card>
  );
}

function lineText({ time, level, msg, message, task, connector: _, ...fields }: LogLine): string {
  const at = typeof time === "number" ? new Date(time).toISOString() : String(time ?? "");
  const about = task === undefined ? "" : `[task ${task}] `;
  const rest = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return `${at} ${String(level ?? "").toUpperCase()} ${about}${msg ?? message ?? ""} ${rest.join(" ")}`.trimEnd();
}
