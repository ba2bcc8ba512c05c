import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask, connectorPath, type Offset } from "./api.ts";
import { usePolled } from "./hooks.ts";
import { Action, Card, Dialog, Failure, Loading, Scroll } from "./parts.tsx";

interface Offsets {
  readonly offsets: readonly Offset[];
}

/** What was there before the last change, by connector; gone with the page. */
const undone = new Map<string, readonly Offset[]>();

/** Committed offsets; they are changed only while the connector is stopped, as in Kafka Connect. */
export function OffsetsTab({
  name,
  stopped,
  refresh,
}: {
  readonly name: string;
  readonly stopped: boolean;
  readonly refresh: () => void;
}): JSX.Element {
  const path = connectorPath(name, "/offsets");
  const {
    data,
    error,
    refresh: reread,
  } = usePolled((signal) => ask<Offsets>("GET", path, undefined, signal), path, stopped ? 0 : 3_000);
  const [edited, setEdited] = useState<Offset | null>(null);
  const [message, setMessage] = useState("");
  const change = async (offsets: readonly Offset[] | null) => {
    const before = await ask<Offsets>("GET", path);
    const answer = await (offsets === null
      ? ask<{ message: string }>("DELETE", path)
      : ask<{ message: string }>("PATCH", path, { offsets }));
    undone.set(name, back(before.offsets, offsets));
    setMessage(answer.message);
    reread();
  };
  const undo = undone.get(name);
  return (
    <Card title="Committed offsets">
      {!stopped && (
        <div class="actions">
          <span>Offsets can be changed while the connector is stopped.</span>
          <Action run={() => ask("PUT", connectorPath(name, "/stop"))} done={refresh}>
            Stop it
          </Action>
        </div>
      )}
      <Failure error={error} />
      <p class={message === "" ? "" : "notice"} role="status">
        {message}
      </p>
      {data === null && error === null && <Loading what="offsets" />}
      {data !== null && data.offsets.length === 0 && <p class="muted">None yet.</p>}
      {data !== null && data.offsets.length > 0 && (
        <Scroll label="Committed offsets">
          <table>
            <thead>
              <tr>
                <th scope="col">Partition</th>
                <th scope="col">Offset</th>
                <th scope="col">
                  <span class="muted">Act</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.offsets.map((each) => (
                <tr key={JSON.stringify(each.partition)}>
                  <td>
                    <code>{JSON.stringify(each.partition)}</code>
                  </td>
                  <td>
                    <code>{JSON.stringify(each.offset)}</code>
                  </td>
                  <td>
                    <button type="button" disabled={!stopped} onClick={() => setEdited(each)}>
                      Edit
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <div class="actions">
        <Action
          kind="danger"
          disabled={!stopped}
          confirm={`Remove all offsets of ${name}? It begins anew.`}
          run={() => change(null)}
        >
          Reset all
        </Action>
        {undo !== undefined && (
          <Action disabled={!stopped} run={() => change(undo)}>
            Undo the last change
          </Action>
        )}
      </div>
      {edited !== null && (
        <EditOffset
          offset={edited}
          close={() => setEdited(null)}
          save={async (offset) => {
            await change([{ partition: edited.partition, offset }]);
            setEdited(null);
          }}
        />
      )}
    </Card>
  );
}

/** What brings back how it was: the old values, and null for what was not there. */
function back(before: readonly Offset[], changed: readonly Offset[] | null): readonly Offset[] {
  if (changed === null) return before;
  const key = ({ partition }: Offset) => JSON.stringify(partition);
  const known = new Map(before.map((each) => [key(each), each]));
  return changed.map((each) => known.get(key(each)) ?? { partition: each.partition, offset: null });
}

function EditOffset({
  offset,
  close,
  save,
}: {
  readonly offset: Offset;
  readonly close: () => void;
  readonly save: (offset: Offset["offset"]) => Promise<void>;
}): JSX.Element {
  const [text, setText] = useState(JSON.stringify(offset.offset, null, 2));
  return (
    <Dialog title="Edit an offset" close={close}>
      <p>
        Partition <code>{JSON.stringify(offset.partition)}</code>
      </p>
      <label>
        Offset, as JSON; null removes it
        <textarea rows={6} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <div class="actions">
        <Action kind="main" run={async () => save(JSON.parse(text) as Offset["offset"])}>
          Save offset
        </Action>
      </div>
    </Dialog>
  );
}
