import {
  type ConnectRecord,
  isConnectError,
  type Schema,
  type Transformation,
  type TransformationPlugin,
} from "../mod.ts";
import { type Check, errorOf, insist, registerChecks, shown } from "./check.ts";
import { copyOf, firstDifference } from "./data-copy.ts";
import { configureChecks, pluginChecks } from "./plugin-checks.ts";
import { checkRecord, checkRefusal } from "./record-checks.ts";
import { type Sample, sampleRecords } from "./sample-records.ts";

export interface TransformationOptions {
  /** As a connector's config has it, without `transforms.<name>.`. Default: empty. */
  readonly config?: Readonly<Record<string, string>>;
  /** Records this transform is for, with that config: none may be refused. Samples of every shape are tried anyway. */
  readonly records?: readonly ConnectRecord[];
  /** False for one that adds the time, or a random id. Default: the same record gives the same answer. */
  readonly deterministic?: boolean;
  /** False for a port whose original reports wrong settings in another way than by ConfigError. Default true. */
  readonly refusesByConfigError?: boolean;
}

/** Of the runtime, in the same config. */
const BESIDE = { type: "com.example.Any", predicate: "p", negate: "true" };
/** What a transform has no business with: it is lost unless the answer is a copy of the whole record. */
const KEPT = [
  "sourcePartition",
  "sourceOffset",
  "offset",
  "timestampType",
  "originalTopic",
  "originalPartition",
  "originalOffset",
];

/** Registers the acceptance suite of a transform as node tests. */
export function testTransformation(plugin: TransformationPlugin, options: TransformationOptions = {}): void {
  registerChecks(`transform ${plugin.class}`, transformationChecks(plugin, options));
}

export function transformationChecks(plugin: TransformationPlugin, options: TransformationOptions): Check[] {
  const { config = {}, records = [], deterministic = true, refusesByConfigError = true } = options;
  const open = () => configured(plugin, config);
  const samples = (): Sample[] => [
    ...records.map((record, i) => ({ what: `record ${i + 1} of this test`, record: copyOf(record) })),
    ...sampleRecords(),
  ];
  const own = new Set(records.map((_, i) => `record ${i + 1} of this test`));
  return [
    ...pluginChecks(plugin, config),
    { name: "leaves the runtime's own keys alone", run: () => checkReserved(plugin) },
    ...configureChecks(plugin, config, (given) => plugin.create().configure(given), {
      beside: BESIDE,
      refusesByConfigError,
    }),
    { name: "gives a whole record, or null, or refuses by DataError", run: () => checkAnswers(open(), samples(), own) },
    { name: "never changes its input", run: () => eachAnswer(open, samples(), unchanged) },
    { name: "gives the same schema object for the same schema object", run: () => checkSchemas(open(), samples) },
    ...(deterministic
      ? [{ name: "gives the same answer again, and in another instance", run: () => checkSame(open, samples) }]
      : []),
    { name: "is not disturbed by another instance, nor by closing twice", run: () => checkClose(open, samples) },
  ];
}

function configured(plugin: TransformationPlugin, config: Readonly<Record<string, string>>): Transformation {
  const transformation = plugin.create();
  transformation.configure(config);
  return transformation;
}

function checkReserved(plugin: TransformationPlugin): void {
  const taken = Object.keys(BESIDE).filter((name) => plugin.config.keys.has(name));
  insist(taken.length === 0, `The keys ${taken.join(", ")} mean something to the runtime: choose other names.`);
}

async function checkAnswers(
  transformation: Transformation,
  samples: Sample[],
  own: ReadonlySet<string>,
): Promise<void> {
  let accepted = 0;
  for (const { what, record } of samples) {
    const before = { ...record };
    const error = await errorOf(() => {
      const answer = transformation.apply(record);
      checkAnswer(before, answer, what);
      accepted++;
    });
    if (error === null) continue;
    checkRefusal(error, `Applied to ${what}, it`);
    insist(!own.has(what), `It refuses ${what}: ${shown(error)}`);
  }
  insist(
    accepted > 0,
    "It refuses every sample: give this test `records` that it is for, so that there is something to check.",
  );
}

function checkAnswer(record: ConnectRecord, answer: unknown, what: string): void {
  if (answer === null) return;
  insist(answer !== undefined, `Applied to ${what}, it gives undefined: return null to drop the record.`);
  insist(
    !(answer instanceof Promise),
    `Applied to ${what}, it gives a promise: transforms are synchronous; look things up in \`configure\`, or in a sink.`,
  );
  const given = answer as ConnectRecord & Record<string, unknown>;
  for (const key of KEPT) {
    const before = (record as unknown as Record<string, unknown>)[key];
    insist(
      firstDifference(before, given[key], key) === null,
      `Applied to ${what}, it loses or changes ${key}: return a copy of the whole record, \`{ ...record, value }\`.`,
    );
  }
  checkRecord(given, `The answer to ${what}`);
}

/** Calls `check` with each sample, a copy made before, and the answer; refused ones too. */
async function eachAnswer(
  open: () => Transformation,
  samples: Sample[],
  check: (before: ConnectRecord, sample: Sample) => void,
): Promise<void> {
  const transformation = open();
  for (const sample of samples) {
    const before = copyOf(sample.record);
    const error = await errorOf(() => transformation.apply(sample.record));
    if (error !== null) checkRefusal(error, `Applied to ${sample.what}, it`);
    check(before, sample);
  }
}

function unchanged(before: ConnectRecord, { what, record }: Sample): void {
  const change = firstDifference(before, record, "record");
  insist(
    change === null,
    `Applied to ${what}, it changes its input: ${change}. Copy what you change: a new Struct or Map, \`headers.duplicate()\`.`,
  );
}

async function checkSchemas(transformation: Transformation, samples: () => Sample[]): Promise<void> {
  const first = samples();
  const second = samples();
  for (const [i, { what, record }] of first.entries()) {
    const one = answerOrNull(transformation, record);
    const two = answerOrNull(transformation, second[i]!.record);
    const schemaless = (record.keySchema ?? null) === null && (record.valueSchema ?? null) === null;
    if (one === null || two === null || schemaless) continue;
    for (const side of ["keySchema", "valueSchema"] as const) {
      const a: Schema | null = one[side] ?? null;
      const b: Schema | null = two[side] ?? null;
      insist(
        a === b || a === null || !a.equals(b),
        `Applied twice to ${what}, it gives two ${side} objects that are equal: keep what you build in a WeakMap by the ` +
          "input's schema. Converters compile, and registries look up, each schema object they have not seen.",
      );
    }
  }
}

async function checkSame(open: () => Transformation, samples: () => Sample[]): Promise<void> {
  const [one, other] = [open(), open()];
  const copies = [samples(), samples(), samples()];
  for (const [i, { what, record }] of copies[0]!.entries()) {
    const answer = answerOrNull(one, record);
    for (const again of [answerOrNull(one, copies[1]![i]!.record), answerOrNull(other, copies[2]![i]!.record)]) {
      const difference = firstDifference(answer, again, "record");
      insist(
        difference === null,
        `Applied twice to ${what}, it gives two answers: ${difference}. Keep no state between records; if that is what ` +
          "the transform is for, say `deterministic: false`.",
      );
    }
  }
}

function checkClose(open: () => Transformation, samples: () => Sample[]): void {
  const transformation = open();
  const before = samples().map(({ record }) => answerOrNull(transformation, record) === null);
  const other = open();
  other.close?.();
  other.close?.();
  const after = samples().map(({ record }) => answerOrNull(transformation, record) === null);
  insist(
    before.every((dropped, i) => dropped === after[i]),
    "After another instance was closed it answers differently: keep what belongs to an instance in the instance.",
  );
  transformation.close?.();
  transformation.close?.();
}

/** Null for what is dropped or refused. */
function answerOrNull(transformation: Transformation, record: ConnectRecord): ConnectRecord | null {
  try {
    return transformation.apply(record) ?? null;
  } catch (error) {
    if (isConnectError(error)) return null;
    checkRefusal(error, "Applied to one of the samples, it");
    throw error;
  }
}
