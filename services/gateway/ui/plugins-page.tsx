import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask, type BrokenPlugins, type ConfigKeyInfo, type PluginInfo } from "./api.ts";
import { usePolled } from "./hooks.ts";
import { Card, Dialog, Failure, Loading, Scroll } from "./parts.tsx";

const kinds = ["source", "sink", "transformation", "predicate", "converter", "header_converter"];

/** What is installed, and the settings each plugin takes. */
export function PluginsPage(): JSX.Element {
  const { data, error } = usePolled(
    (signal) => ask<PluginInfo[]>("GET", "/connector-plugins?connectorsOnly=false", undefined, signal),
    "plugins",
    0,
  );
  const [text, setText] = useState("");
  const [shown, setShown] = useState<PluginInfo | null>(null);
  const found = (data ?? []).filter((plugin) => plugin.class.toLowerCase().includes(text.toLowerCase()));
  return (
    <>
      <h1>Plugins</h1>
      <Failure error={error} />
      {data === null && error === null && <Loading what="plugins" />}
      <div class="filters">
        <label>
          Filter
          <input type="search" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
      </div>
      <Broken />
      {kinds.map((kind) => {
        const plugins = found.filter(({ type }) => type === kind);
        return plugins.length === 0 ? null : (
          <Card key={kind} title={`${kind.replace("_", " ")}s`.replace(/^./, (first) => first.toUpperCase())}>
            <ul>
              {plugins.map((plugin) => (
                <li key={`${plugin.class}@${plugin.version}`}>
                  <button type="button" onClick={() => setShown(plugin)}>
                    {plugin.class}
                  </button>{" "}
                  <span class="muted">{plugin.version}</span>
                </li>
              ))}
            </ul>
          </Card>
        );
      })}
      {shown !== null && <Settings plugin={shown} close={() => setShown(null)} />}
    </>
  );
}

/** Nothing where every plugin was loaded. */
function Broken(): JSX.Element | null {
  const path = "/millrace/v1/plugins/broken";
  const { data } = usePolled((signal) => ask<BrokenPlugins>("GET", path, undefined, signal), path, 0);
  if (data === null || data.plugins.length === 0) return null;
  return (
    <Card title="Could not be loaded">
      <ul>
        {data.plugins.map(({ worker, file, reason, quarantined }) => (
          <li key={`${worker} ${file}`}>
            <code>{file}</code> <span class="muted">on {worker}</span>
            {quarantined && <strong> in quarantine until the runner is started again</strong>}
            <div>{reason}</div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Settings({ plugin, close }: { readonly plugin: PluginInfo; readonly close: () => void }): JSX.Element {
  const path = `/connector-plugins/${encodeURIComponent(plugin.class)}/config`;
  const { data, error } = usePolled((signal) => ask<ConfigKeyInfo[]>("GET", path, undefined, signal), path, 0);
  return (
    <Dialog title={plugin.class} close={close}>
      <Failure error={error} />
      {data === null && error === null && <Loading what="its settings" />}
      {data !== null && (
        <Scroll label="Settings">
          <table>
            <thead>
              <tr>
                <th scope="col">Setting</th>
                <th scope="col">Type</th>
                <th scope="col">Default</th>
                <th scope="col">Meaning</th>
              </tr>
            </thead>
            <tbody>
              {data.map((key) => (
                <tr key={key.name}>
                  <td>
                    <code>{key.name}</code>
                  </td>
                  <td>{key.type}</td>
                  <td>{key.required ? "(required)" : (key.default_value ?? "")}</td>
                  <td>{key.documentation}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Dialog>
  );
}
