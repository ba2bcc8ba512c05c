// Pure: checks of single configuration values, with Kafka's messages.
import { invalidValue } from "./config-type.ts";
import { ConfigError } from "./errors.ts";

/** A check of one setting. */
export interface ConfigValidator {
  /** @throws ConfigError when the parsed value is not allowed. */
  ensureValid(name: string, value: unknown): void;
  /** What is allowed, for documentation. */
  toString(): string;
  /** `parse` takes repeated elements out of a list before it asks; `validate` does not. */
  readonly dropsDuplicates?: boolean;
}

/** @param check throws ConfigError, best by `invalidValue`. @param description what is allowed, for documentation. */
export function lambda(check: (name: string, value: unknown) => void, description: string): ConfigValidator {
  return { ensureValid: check, toString: () => description };
}

/** All of them, in order. */
export function composite(...validators: readonly ConfigValidator[]): ConfigValidator {
  return lambda((name, value) => {
    for (const validator of validators) validator.ensureValid(name, value);
  }, validators.map(String).join(", "));
}

/** Of numbers; both ends are allowed, null is not. */
export const Range = {
  atLeast: (min: number): ConfigValidator => range(min, null),
  between: (min: number, max: number): ConfigValidator => range(min, max),
} as const;

function range(min: number, max: number | null): ConfigValidator {
  return lambda(
    (name, value) => {
      if (value === null) throw invalidValue(name, value, "Value must be non-null");
      const number = value as number | bigint;
      if (number < min) throw invalidValue(name, value, `Value must be at least ${min}`);
      if (max !== null && number > max) throw invalidValue(name, value, `Value must be no more than ${max}`);
    },
    `[${min},...${max === null ? "" : `,${max}`}]`,
  );
}

/** One of these texts. */
export const ValidString = {
  in(...allowed: readonly string[]): ConfigValidator {
    return lambda(
      (name, value) => {
        if (!allowed.includes(value as string)) {
          throw invalidValue(name, value, `String must be one of: ${allowed.join(", ")}`);
        }
      },
      `[${allowed.join(", ")}]`,
    );
  },
} as const;

/** One of these texts, in capitals or not. The value keeps the case it was given in. */
export const CaseInsensitiveValidString = {
  in(...allowed: readonly string[]): ConfigValidator {
    const upper = allowed.map((text) => text.toUpperCase());
    return lambda(
      (name, value) => {
        if (typeof value !== "string" || !upper.includes(value.toUpperCase())) {
          throw invalidValue(name, value, `String must be one of (case insensitive): ${upper.join(", ")}`);
        }
      },
      `(case insensitive) [${upper.join(", ")}]`,
    );
  },
} as const;

/** Null passes. */
export const NonEmptyString: ConfigValidator = lambda((name, value) => {
  if (value === "") throw invalidValue(name, value, "String must be non-empty");
}, "non-empty string");

/** Null passes. */
export const NonEmptyStringWithoutControlChars: ConfigValidator = lambda((name, value) => {
  if (value === null) return;
  const text = value as string;
  if (text === "") throw invalidValue(name, value, "String may not be empty");
  const control = [...text]
    .map((char) => char.codePointAt(0)!)
    .filter((code) => code < 32 || (code > 126 && code < 160));
  if (control.length > 0) {
    const codes = control.join(", ");
    const reason = `String may not contain control sequences but had the following ASCII chars: ${codes}`;
    throw invalidValue(name, value, reason);
  }
}, "non-empty string without ISO control characters");

/** Also where null was configured. */
export const NonNull: ConfigValidator = lambda((name, value) => {
  if (value === null) throw invalidValue(name, value, "entry must be non null");
}, "non-null string");

/** No element twice, none empty. */
export const ValidList = {
  /** Any of these texts, none twice. An empty list needs `emptyAllowed`. */
  in: (allowed: readonly string[], emptyAllowed = true): ConfigValidator =>
    list(allowed, { emptyAllowed, nullAllowed: false }),
  anyNonDuplicateValues: (emptyAllowed: boolean, nullAllowed: boolean): ConfigValidator =>
    list([], { emptyAllowed, nullAllowed }),
} as const;

/** At most so many elements. */
export const ListSize = {
  atMostOfSize: (max: number): ConfigValidator =>
    lambda((name, value) => {
      if (value === null) throw invalidValue(name, value, "Value must be non-null");
      if ((value as readonly unknown[]).length > max) {
        throw invalidValue(name, value, `exceeds maximum list size of [${max}].`);
      }
    }, `List containing maximum of ${max} elements`),
} as const;

function list(
  allowed: readonly string[],
  options: { readonly emptyAllowed: boolean; readonly nullAllowed: boolean },
): ConfigValidator {
  const one = ValidString.in(...allowed);
  const check = (name: string, value: unknown): void => {
    if (value === null) {
      if (options.nullAllowed) return;
      throw new ConfigError(`Configuration '${name}' values must not be null.`);
    }
    const values = value as readonly string[];
    if (!options.emptyAllowed && values.length === 0) {
      const valid = allowed.length === 0 ? "any non-empty value" : String(one);
      throw new ConfigError(`Configuration '${name}' must not be empty. Valid values include: ${valid}`);
    }
    if (new Set(values).size !== values.length) {
      throw new ConfigError(`Configuration '${name}' values must not be duplicated.`);
    }
    for (const text of values) {
      if (text === "") throw new ConfigError(`Configuration '${name}' values must not be empty.`);
      if (allowed.length > 0) one.ensureValid(name, text);
    }
  };
  return { ...lambda(check, allowed.length === 0 ? "" : String(one)), dropsDuplicates: true };
}
