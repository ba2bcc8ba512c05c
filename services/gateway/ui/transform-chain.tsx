import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Config, ConfigInfos, PluginInfo } from "./api.ts";
import { Field } from "./config-fields.tsx";
import { shortClass } from "./format.ts";
import { Card } from "./parts.tsx";

interface ChainProps {
  readonly infos: ConfigInfos;
  readonly config: Config;
  readonly change: (config: Config) => void;
  readonly plugins: readonly PluginInfo[];
}

/** Transforms in their order: added, moved, set up and taken out. */
export function TransformChain({ infos, config, change, plugins }: ChainProps): JSX.Element {
  const aliases = listOf(config.transforms);
  const [alias, setAlias] = useState("");
  const [type, setType] = useState("");
  const types = [
    ...new Set(plugins.filter((plugin) => plugin.type === "transformation").map((plugin) => plugin.class)),
  ];
  const name = alias.trim() || suggested(type, aliases);
  const add = () => {
    change({ ...config, transforms: [...aliases, name].join(","), [`transforms.${name}.type`]: type });
    setAlias("");
    setType("");
  };
  const taken = aliases.includes(name);
  return (
    <Card title="Transforms">
      {aliases.map((each, at) => (
        <Step key={each} alias={each} at={at} aliases={aliases} infos={infos} config={config} change={change} />
      ))}
      {aliases.length === 0 && <p class="muted">Records pass unchanged.</p>}
      <div class="filters">
        <label>
          Add a transform
          <select value={type} onChange={(event) => setType(event.currentTarget.value)}>
            <option value="">choose …</option>
            {types.map((each) => (
              <option key={each} value={each}>
                {shortClass(each)}
              </option>
            ))}
          </select>
        </label>
        <label class="small">
          Alias
          <input value={alias} placeholder={name} onInput={(event) => setAlias(event.currentTarget.value)} />
        </label>
        <button type="button" disabled={type === "" || taken} onClick={add}>
          Add
        </button>
      </div>
      {taken && type !== "" && <p class="failure">There is one called {name} already.</p>}
    </Card>
  );
}

interface StepProps extends Omit<ChainProps, "plugins"> {
  readonly alias: string;
  readonly at: number;
  readonly aliases: readonly string[];
}

function Step({ alias, at, aliases, infos, config, change }: StepProps): JSX.Element {
  const prefix = `transforms.${alias}.`;
  const fields = infos.configs.filter(
    ({ definition, value }) => definition?.name.startsWith(prefix) && value?.visible === true,
  );
  const set = (key: string, value: string | null) => {
    const { [key]: _, ...others } = config;
    change(value === null ? others : { ...config, [key]: value });
  };
  const move = (by: number) => {
    const moved = aliases.filter((each) => each !== alias);
    moved.splice(at + by, 0, alias);
    change({ ...config, transforms: moved.join(",") });
  };
  const remove = () => {
    const others = aliases.filter((each) => each !== alias);
    const kept = Object.entries(config).filter(([key]) => !key.startsWith(prefix) && key !== "transforms");
    change(Object.fromEntries([...kept, ...(others.length > 0 ? [["transforms", others.join(",")] as const] : [])]));
  };
  return (
    <div class="step">
      <h3>
        {at + 1}. {alias} <span class="muted">{shortClass(config[`${prefix}type`])}</span>
      </h3>
      <div class="actions">
        <button type="button" disabled={at === 0} onClick={() => move(-1)} aria-label={`Move ${alias} up`}>
          ↑
        </button>
        <button
          type="button"
          disabled={at === aliases.length - 1}
          onClick={() => move(1)}
          aria-label={`Move ${alias} down`}
        >
          ↓
        </button>
        <button type="button" class="danger" onClick={remove} aria-label={`Remove ${alias}`}>
          Remove
        </button>
      </div>
      <details open>
        <summary>Settings</summary>
        {fields
          .filter(({ definition }) => definition!.name !== `${prefix}type`)
          .map((info) => (
            <Field
              key={info.definition!.name}
              info={info}
              config={config}
              set={set}
              label={info.definition!.name.slice(prefix.length)}
            />
          ))}
      </details>
    </div>
  );
}

function listOf(text: string | undefined): string[] {
  return (text ?? "")
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
}

/** `mask`, `mask2`, …: after the class. */
function suggested(type: string, taken: readonly string[]): string {
  const word =
    shortClass(type)
      .replace(/\$.*/, "")
      .replace(/^./, (first) => first.toLowerCase()) || "transform";
  const free = (name: string) => !taken.includes(name);
  for (let n = 1; ; n++) {
    const name = n === 1 ? word : `${word}${n}`;
    if (free(name)) return name;
  }
}
