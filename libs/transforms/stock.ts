// Pure: how a stock transform or predicate becomes plugins.
import {
  type ConfigDef,
  definePlugin,
  type Predicate,
  type PredicatePlugin,
  type Transformation,
  type TransformationPlugin,
} from "@millrace/connect";
import { keySide, type RecordSide, valueSide } from "./record-side.ts";

/** Of the Kafka release whose transforms these are: configs that ask for a version find them. */
const VERSION = "4.3.1";
const PACKAGE = "org.apache.kafka.connect.transforms";

interface Stock<T> {
  /** Without the package: "Cast". */
  readonly name: string;
  readonly overview: string;
  readonly config: ConfigDef;
  create: T;
}

/** `Cast$Key` and `Cast$Value`. */
export function keyAndValue(stock: Stock<(side: RecordSide) => Transformation>): TransformationPlugin[] {
  return [keySide, valueSide].map((side) =>
    transformation({ ...stock, name: `${stock.name}$${side.name}`, create: () => stock.create(side) }),
  );
}

export function transformation(stock: Stock<() => Transformation>): TransformationPlugin {
  const { name, ...rest } = stock;
  return definePlugin({ type: "transformation", class: `${PACKAGE}.${name}`, version: VERSION, ...rest });
}

export function predicate(stock: Stock<() => Predicate>): PredicatePlugin {
  const { name, ...rest } = stock;
  return definePlugin({ type: "predicate", class: `${PACKAGE}.predicates.${name}`, version: VERSION, ...rest });
}
