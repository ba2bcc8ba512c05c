import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask, type Config, type Preview, type PreviewStep } from "./api.ts";
import { Action, Card, Lines } from "./parts.tsx";

/** Real records through each step; nothing is written. @param config null: the stored one. */
export function PreviewTab({
  name,
  config,
}: {
  readonly name: string | null;
  readonly config: Config | null;
}): JSX.Element {
  const [records, setRecords] = useState(5);
  const [answer, setAnswer] = useState<Preview | null>(null);
  const run = async () => {
    const body = { ...(name === null ? {} : { name }), ...(config === null ? {} : { config }), records };
    setAnswer(await ask<Preview>("POST", "/millrace/v1/preview", body));
  };
  return (
    <Card title="Preview">
      <p class="muted">
        Polls or reads a few real records and shows each after every step. Nothing is written and no offset moves.
      </p>
      <div class="actions">
        <label>
          Records
          <input
            type="number"
            min={1}
            max={50}
            value={records}
            onInput={(event) => setRecords(Number(event.currentTarget.value))}
          />
        </label>
        <Action kind="main" run={run}>
          Preview records
        </Action>
      </div>
      <div aria-live="polite">
        {answer?.records.length === 0 && <p>No record came within ten seconds.</p>}
        {answer?.records.map(({ steps }, at) => (
          <details key={at} open={at === 0 || steps.some(({ error }) => error !== null)}>
            <summary>
              Record {at + 1}
              {steps.some(({ error }) => error !== null) ? " (fails)" : ""}
            </summary>
            {steps.map((step, number) => (
              <Step key={number} step={step} />
            ))}
          </details>
        ))}
      </div>
    </Card>
  );
}

function Step({ step }: { readonly step: PreviewStep }): JSX.Element {
  const { stage, alias, class: className, record, bytes, error, applied } = step;
  return (
    <div class={`step ${error === null ? "" : "failed"}`}>
      <strong>{alias === null ? stage : `${stage} ${alias}`}</strong> <span class="muted">{className}</span>
      {!applied && <p class="muted">Its predicate passes this record over.</p>}
      {error !== null && <p class="failure">{error}</p>}
      {applied && record === null && bytes === null && error === null && <p>Dropped.</p>}
      {record !== null && (
        <Lines label="Record">
          {`topic  ${record.topic}\nkey    ${record.key}\nvalue  ${record.value}`}
          {record.valueSchema === null ? "" : `\nschema ${record.valueSchema}`}
          {record.sourceOffset === null ? "" : `\noffset ${record.sourcePartition} ${record.sourceOffset}`}
          {record.headers.map(({ key, value }) => `\nheader ${key}: ${value}`).join("")}
        </Lines>
      )}
      {bytes !== null && (
        <Lines label="Record">
          {`topic  ${bytes.topic}\nkey    ${bytesText(bytes.key)}\nvalue  ${bytesText(bytes.value)}`}
          {bytes.headers.map(({ key, value }) => `\nheader ${key}: ${bytesText(value)}`).join("")}
        </Lines>
      )}
    </div>
  );
}

export function bytesText(bytes: { readonly text?: string; readonly base64?: string } | null): string {
  if (bytes === null) return "null";
  return bytes.text ?? `(base64) ${bytes.base64}`;
}
