import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, type Config, type ConfigInfos, connectorPath, type PluginInfo } from "./api.ts";
import { ConfigFields } from "./config-fields.tsx";
import { usePolled, useRested } from "./hooks.ts";
import { Action, Card, Failure, Loading } from "./parts.tsx";
import { PreviewTab } from "./preview-tab.tsx";
import { TransformChain } from "./transform-chain.tsx";

const REST_MS = 350;

/** A new connector, or the configuration of one: a form made from the plugin's definitions, and the JSON beside it. */
export function EditPage({ name }: { readonly name: string | null }): JSX.Element {
  const [config, setConfig] = useState<Config | null>(name === null ? { name: "", "connector.class": "" } : null);
  const [error, setError] = useState<Error | null>(null);
  const plugins = usePolled(
    (signal) => ask<PluginInfo[]>("GET", "/connector-plugins?connectorsOnly=false", undefined, signal),
    "plugins",
    0,
  );
  useEffect(() => {
    if (name !== null) ask<Config>("GET", connectorPath(name, "/config")).then(setConfig, setError);
  }, [name]);
  return (
    <>
      <h1>{name === null ? "New connector" : `Edit ${name}`}</h1>
      <Failure error={error ?? plugins.error} />
      {config === null || plugins.data === null ? (
        error === null && plugins.error === null && <Loading what="the form" />
      ) : (
        <Editor name={name} config={config} change={setConfig} plugins={plugins.data} />
      )}
    </>
  );
}

interface EditorProps {
  readonly name: string | null;
  readonly config: Config;
  readonly change: (config: Config) => void;
  readonly plugins: readonly PluginInfo[];
}

function Editor({ name, config, change, plugins }: EditorProps): JSX.Element {
  const className = config["connector.class"] ?? "";
  const rested = useRested(config, REST_MS);
  const { infos, failure } = useValidation(rested);
  const set = (key: string, value: string | null) => {
    const { [key]: _, ...others } = config;
    change(value === null ? others : { ...config, [key]: value });
  };
  const id = config.name ?? "";
  const save = async () => {
    if (name === null) await ask("POST", "/connectors", { name: id, config });
    else await ask("PUT", connectorPath(name, "/config"), config);
    location.hash = `#/connectors/${encodeURIComponent(name ?? id)}`;
  };
  const errors = infos?.error_count ?? 0;
  return (
    <div class="editor">
      <div>
        <Card title="Connector">
          <div class="field">
            <label>
              Name
              <input value={id} disabled={name !== null} onInput={(event) => set("name", event.currentTarget.value)} />
            </label>
          </div>
          <div class="field">
            <label>
              Class
              <select value={className} onChange={(event) => set("connector.class", event.currentTarget.value)}>
                <option value="">choose …</option>
                {["source", "sink"].map((type) => (
                  <optgroup key={type} label={`${type}s`}>
                    {[...new Set(plugins.filter((plugin) => plugin.type === type).map((plugin) => plugin.class))].map(
                      (each) => (
                        <option key={each}>{each}</option>
                      ),
                    )}
                  </optgroup>
                ))}
                {className !== "" && !plugins.some((plugin) => plugin.class === className) && (
                  <option>{className}</option>
                )}
              </select>
            </label>
          </div>
          <div class="actions">
            <Action kind="main" run={save} disabled={className === "" || id.trim() === ""}>
              {name === null ? "Create connector" : "Save configuration"}
            </Action>
            <span role="status" class="muted">
              {className === ""
                ? "Choose a class"
                : infos === null
                  ? "Checking …"
                  : errors === 0
                    ? "Valid"
                    : `${errors} ${errors === 1 ? "setting is" : "settings are"} wrong`}
            </span>
          </div>
          <Failure error={failure} />
        </Card>
        {infos !== null && <ConfigFields infos={infos} config={config} set={set} />}
        {infos !== null && <TransformChain infos={infos} config={config} change={change} plugins={plugins} />}
      </div>
      <div>
        <JsonEditor config={config} change={change} />
        {className !== "" && <PreviewTab name={name} config={config} />}
      </div>
    </div>
  );
}

/** The server's answer to a configuration that has rested. */
function useValidation(config: Config): { readonly infos: ConfigInfos | null; readonly failure: Error | null } {
  const [answer, setAnswer] = useState<{ infos: ConfigInfos | null; failure: Error | null }>({
    infos: null,
    failure: null,
  });
  const className = config["connector.class"] ?? "";
  useEffect(() => {
    if (className === "") {
      setAnswer({ infos: null, failure: null });
      return;
    }
    const gone = new AbortController();
    const path = `/connector-plugins/${encodeURIComponent(className)}/config/validate`;
    ask<ConfigInfos>("PUT", path, { ...config, name: config.name || "new" }, gone.signal).then(
      (infos) => setAnswer({ infos, failure: null }),
      (failure: Error) => {
        if (!gone.signal.aborted) setAnswer((before) => ({ ...before, failure }));
      },
    );
    return () => gone.abort();
  }, [config, className]);
  return answer;
}

/** Both ways: what is typed here is in the form as soon as it is JSON. */
function JsonEditor({ config, change }: Pick<EditorProps, "config" | "change">): JSX.Element {
  const [text, setText] = useState<string | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const shown = text ?? JSON.stringify(config, null, 2);
  const type = (given: string) => {
    setText(given);
    try {
      const read = JSON.parse(given) as Record<string, unknown>;
      change(Object.fromEntries(Object.entries(read).map(([key, value]) => [key, String(value)])));
      setError(null);
    } catch {
      setError(new Error("This is no JSON yet; the form keeps what was there before."));
    }
  };
  return (
    <Card title="As JSON">
      <label>
        Configuration
        <textarea
          rows={18}
          spellcheck={false}
          value={shown}
          onInput={(event) => type(event.currentTarget.value)}
          onBlur={() => {
            if (error === null) setText(null);
          }}
        />
      </label>
      <Failure error={error} />
    </Card>
  );
}
