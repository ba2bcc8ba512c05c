import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask, type DeadLetter, type LetterEdit, type LetterGroup, ownPath } from "./api.ts";
import { shortClass, timeText } from "./format.ts";
import { usePolled } from "./hooks.ts";
import { Action, Card, Dialog, Failure, Lines, Loading } from "./parts.tsx";
import { bytesText } from "./preview-tab.tsx";

interface Groups {
  readonly topic: string;
  readonly letters: number;
  readonly more: boolean;
  readonly groups: readonly LetterGroup[];
}

interface Replayed {
  readonly replayed: number;
  readonly already: number;
  readonly failed: readonly { readonly message: string }[];
}

type Target = "topic" | "connector";

/** The inbox of records that failed: by what went wrong, one by one, and back again. */
export function DeadLettersTab({ name }: { readonly name: string }): JSX.Element {
  const path = ownPath(name, "/dead-letters");
  const { data, error, refresh } = usePolled((signal) => ask<Groups>("GET", path, undefined, signal), path, 10_000);
  const [group, setGroup] = useState<string | null>(null);
  const [message, setMessage] = useState("");
  const [to, setTo] = useState<Target>("topic");
  const replay = async (choice: object) => {
    const { replayed, already, failed } = await ask<Replayed>("POST", `${path}/replay`, { ...choice, to });
    const why = failed[0] === undefined ? "" : `, ${failed.length} failed: ${failed[0].message}`;
    setMessage(`${replayed} sent, ${already} sent before${why}`);
    refresh();
  };
  if (data === null) return error === null ? <Loading what="dead letters" /> : <Failure error={error} />;
  return (
    <Card title={`Dead letters in ${data.topic}`}>
      <Failure error={error} />
      <p class={message === "" ? "" : "notice"} role="status">
        {message}
      </p>
      <div class="filters">
        <label class="small">
          Replay to
          <select value={to} onChange={(event) => setTo(event.currentTarget.value as Target)}>
            <option value="topic">their topic</option>
            <option value="connector">this connector only</option>
          </select>
        </label>
      </div>
      {data.groups.length === 0 && <p>There are none.</p>}
      {data.groups.map((each) => (
        <section key={each.id} class="step failed">
          <h3>
            {each.count} × {shortClass(each.exception) || "unknown error"} <span class="muted">{each.stage}</span>
          </h3>
          <p>{each.message}</p>
          <p class="muted">
            {each.replayed} sent again. Last {timeText(each.lastMs)}. {shortClass(each.executing)}
          </p>
          <div class="actions">
            <button
              type="button"
              aria-expanded={group === each.id}
              onClick={() => setGroup(group === each.id ? null : each.id)}
            >
              {group === each.id ? "Hide records" : "Show records"}
            </button>
            <Action
              confirm={`Send ${each.count - each.replayed} records again?`}
              disabled={each.replayed === each.count}
              run={() => replay({ group: each.id })}
            >
              Replay all of this group
            </Action>
          </div>
          {group === each.id && <Letters key={message} path={path} group={each.id} replay={replay} />}
        </section>
      ))}
      {data.more && <p class="muted">Only the newest 20,000 were looked at.</p>}
    </Card>
  );
}

function Letters({
  path,
  group,
  replay,
}: {
  readonly path: string;
  readonly group: string;
  readonly replay: (choice: object) => Promise<void>;
}): JSX.Element {
  const [skip, setSkip] = useState(0);
  const [edited, setEdited] = useState<DeadLetter | null>(null);
  const query = `${path}/letters?group=${group}&skip=${skip}&limit=10`;
  const { data, error } = usePolled(
    (signal) => ask<{ letters: DeadLetter[]; more: boolean }>("GET", query, undefined, signal),
    query,
    0,
  );
  if (data === null) return error === null ? <Loading what="records" /> : <Failure error={error} />;
  return (
    <>
      {data.letters.map((letter) => (
        <details key={`${letter.partition}-${letter.offset}`} open={data.letters.length === 1}>
          <summary>
            {letter.partition}-{letter.offset} {letter.replayed ? "(sent again)" : ""}{" "}
            <span class="muted">{timeText(letter.timestampMs)}</span>
          </summary>
          <Lines label="Record or trace">
            {letter.origin === null
              ? ""
              : `from   ${letter.origin.topic} ${letter.origin.partition ?? ""} ${letter.origin.offset ?? ""}\n`}
            {`key    ${bytesText(letter.key)}\nvalue  ${bytesText(letter.value)}`}
            {letter.headers.map(({ key, value }) => `\nheader ${key}: ${bytesText(value)}`).join("")}
          </Lines>
          <Lines label="Record or trace">
            {letter.error.trace ?? letter.error.message ?? "No error is told with it."}
          </Lines>
          <div class="actions">
            <Action disabled={letter.replayed} run={() => replay({ letters: [placeOf(letter)] })}>
              Replay {letter.partition}-{letter.offset}
            </Action>
            <button type="button" disabled={letter.replayed || letter.cut} onClick={() => setEdited(letter)}>
              Edit and replay
            </button>
          </div>
        </details>
      ))}
      <div class="actions">
        <button type="button" disabled={skip === 0} onClick={() => setSkip(Math.max(0, skip - 10))}>
          Newer
        </button>
        <button type="button" disabled={!data.more} onClick={() => setSkip(skip + 10)}>
          Older
        </button>
      </div>
      {edited !== null && <EditLetter letter={edited} close={() => setEdited(null)} replay={replay} />}
    </>
  );
}

function EditLetter({
  letter,
  close,
  replay,
}: {
  readonly letter: DeadLetter;
  readonly close: () => void;
  readonly replay: (choice: object) => Promise<void>;
}): JSX.Element {
  const isText = letter.value === null || "text" in letter.value;
  const [text, setText] = useState(
    letter.value === null ? "" : "text" in letter.value ? letter.value.text : letter.value.base64,
  );
  const send = async () => {
    const edit: LetterEdit = { ...placeOf(letter), value: isText ? { text } : { base64: text } };
    await replay({ letters: [edit] });
    close();
  };
  return (
    <Dialog title={`Edit ${letter.partition}-${letter.offset}`} close={close}>
      <label>
        {isText ? "Value" : "Value, as base64"}
        <textarea rows={10} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <div class="actions">
        <Action kind="main" run={send}>
          Replay changed
        </Action>
      </div>
    </Dialog>
  );
}

function placeOf({ partition, offset }: DeadLetter): LetterEdit {
  return { partition, offset };
}
