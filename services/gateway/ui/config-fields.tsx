import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import type { Config, ConfigInfos, ConfigKeyInfo } from "./api.ts";
import { Card } from "./parts.tsx";

type Info = ConfigInfos["configs"][number];

interface FieldsProps {
  readonly infos: ConfigInfos;
  readonly config: Config;
  readonly set: (key: string, value: string | null) => void;
}

/** Settings that have a place of their own in the form. */
const ELSEWHERE = /^(name|connector\.class|transforms|predicates)$|^(transforms|predicates)\./;

const OWN = "Settings of the connector";
/** Groups that every connector has: they come last. */
const FRAMEWORK = new Set([
  "Common",
  "Transforms",
  "Predicates",
  "Error Handling",
  "Topic Creation",
  "Exactly Once Support",
  "offsets.topic",
]);

/** The plugin's settings by group. What matters, is set or is wrong stands open; the rest opens on demand. */
export function ConfigFields({ infos, config, set }: FieldsProps): JSX.Element {
  const shown = infos.configs.filter(({ definition, value }) => {
    return definition !== null && value?.visible === true && !ELSEWHERE.test(definition.name);
  });
  const all = [...new Set(shown.map(({ definition }) => definition!.group ?? OWN))];
  const groups = [...all.filter((group) => !FRAMEWORK.has(group)), ...all.filter((group) => FRAMEWORK.has(group))];
  return (
    <>
      {groups.map((group) => (
        <Group
          key={group}
          title={group}
          infos={shown.filter(({ definition }) => (definition!.group ?? OWN) === group)}
          config={config}
          set={set}
        />
      ))}
    </>
  );
}

function Group({
  title,
  infos,
  config,
  set,
}: Omit<FieldsProps, "infos"> & { readonly title: string; readonly infos: readonly Info[] }): JSX.Element {
  const order = (info: Info) => info.definition!.order_in_group;
  const sorted = [...infos].sort((a, b) => order(a) - order(b));
  const [atOnce, later] = [
    sorted.filter((info) => matters(info, config)),
    sorted.filter((info) => !matters(info, config)),
  ];
  return (
    <Card title={title}>
      {atOnce.map((info) => (
        <Field key={info.definition!.name} info={info} config={config} set={set} />
      ))}
      {later.length > 0 && (
        <details>
          <summary>
            {later.length} more setting{later.length === 1 ? "" : "s"}
          </summary>
          {later.map((info) => (
            <Field key={info.definition!.name} info={info} config={config} set={set} />
          ))}
        </details>
      )}
    </Card>
  );
}

function matters({ definition, value }: Info, config: Config): boolean {
  const { required, importance, name } = definition!;
  return required || importance === "HIGH" || config[name] !== undefined || value!.errors.length > 0;
}

/** One setting. Emptied, it is left out and has its default again. */
export function Field({
  info,
  config,
  set,
  label,
}: {
  readonly info: Info;
  readonly config: Config;
  readonly set: FieldsProps["set"];
  readonly label?: string;
}): JSX.Element {
  const definition = info.definition!;
  const { name, required, documentation } = definition;
  const errors = info.value?.errors ?? [];
  const id = useId();
  // What nobody has touched is not wrong yet, only required.
  const [touched, setTouched] = useState(false);
  const told = touched || config[name] !== undefined ? errors : [];
  return (
    <div class={`field ${told.length > 0 ? "wrong" : ""}`}>
      <label for={id} class={required ? "required" : ""} title={definition.display_name}>
        {label ?? name}
      </label>
      <Input
        id={id}
        info={info}
        value={config[name]}
        change={(value) => set(name, value === "" ? null : value)}
        leave={() => setTouched(true)}
        invalid={told.length > 0}
      />
      <p class="doc" id={`${id}-doc`}>
        {documentation}
      </p>
      {told.map((error) => (
        <p class="failure" role="alert" key={error}>
          {error}
        </p>
      ))}
    </div>
  );
}

interface InputProps {
  readonly id: string;
  readonly info: Info;
  readonly value: string | undefined;
  readonly change: (value: string) => void;
  readonly leave: () => void;
  readonly invalid: boolean;
}

function Input({ id, info, value, change, leave, invalid }: InputProps): JSX.Element {
  const definition = info.definition as ConfigKeyInfo;
  const recommended = definition.type === "BOOLEAN" ? ["true", "false"] : (info.value?.recommended_values ?? []);
  const about = { id, onBlur: leave, "aria-invalid": invalid, "aria-describedby": `${id}-doc` };
  const hint = definition.default_value ?? "";
  if (recommended.length > 0 && definition.type !== "LIST") {
    const known = value === undefined || recommended.includes(value);
    return (
      <select {...about} value={value ?? ""} onChange={(event) => change(event.currentTarget.value)}>
        <option value="">{hint === "" ? "not set" : `default: ${hint}`}</option>
        {recommended.map((each) => (
          <option key={each}>{each}</option>
        ))}
        {!known && <option>{value}</option>}
      </select>
    );
  }
  const text = { ...about, spellcheck: false, value: value ?? "", placeholder: hint };
  const typed = (event: { readonly currentTarget: HTMLInputElement }) => change(event.currentTarget.value);
  if (definition.type === "PASSWORD")
    return <input {...text} type="password" autocomplete="new-password" onInput={typed} />;
  if (recommended.length === 0) return <input {...text} type="text" autocomplete="off" onInput={typed} />;
  return (
    <>
      <input {...text} type="text" list={`${id}-list`} onInput={typed} />
      <datalist id={`${id}-list`}>
        {recommended.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </>
  );
}
