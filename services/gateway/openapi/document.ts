// Pure: the OpenAPI description of a set of resources.
import * as z from "zod";
import type { Method, Resource } from "../resource.ts";
import { type Operation, operations } from "./operations.ts";
import { type SchemaName, schemas } from "./schemas.ts";

/** @throws Error for an operation that nothing describes. */
export function openApiDocument(resources: readonly Resource[], version: string) {
  const paths = Object.fromEntries(
    resources.map(({ path, methods }) => {
      const template = path.replace(/:(\w+)/g, "{$1}");
      const described = Object.keys(methods).map((method) => [
        method.toLowerCase(),
        operationObject(method as Method, template),
      ]);
      return [template, Object.fromEntries(described)];
    }),
  );
  return {
    openapi: "3.1.0",
    info: {
      title: "Millrace: Kafka Connect's REST API",
      version,
      license: { name: "Apache 2.0", identifier: "Apache-2.0" },
    },
    paths,
    components: { schemas: componentSchemas() },
  };
}

function operationObject(method: Method, path: string) {
  const operation = operations[`${method} ${path}`];
  if (operation === undefined) throw new Error(`${method} ${path} is not described in openapi/operations.ts`);
  return {
    summary: operation.summary,
    operationId: `${method.toLowerCase()}${path.replace(/[^a-zA-Z]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    parameters: [...pathParameters(path), ...queryParameters(operation)],
    ...(operation.body === undefined ? {} : { requestBody: { required: true, content: content(operation.body) } }),
    responses: {
      ...Object.fromEntries(Object.entries(operation.answers).map(([status, body]) => [status, answer(body)])),
      default: { description: "What went wrong", content: content("Error") },
    },
  };
}

function pathParameters(path: string) {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    ...{ name, in: "path", required: true },
    schema: name === "task" ? { type: "integer" } : { type: "string" },
  }));
}

function queryParameters({ query = {} }: Operation) {
  return Object.entries(query).map(([name, { description, values }]) => ({
    ...{ name, in: "query", required: false, description },
    schema: values === undefined ? { type: "string" } : { type: "string", enum: values },
  }));
}

function answer(body: Operation["answers"][number]) {
  return body === null ? { description: "Done" } : { description: "The answer", content: content(body) };
}

function content(body: SchemaName | readonly SchemaName[]) {
  const reference = (name: SchemaName) => ({ $ref: `#/components/schemas/${name}` });
  const schema = typeof body === "string" ? reference(body) : { oneOf: body.map(reference) };
  return { "application/json": { schema } };
}

function componentSchemas() {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const { $schema: _, ...shown } = z.toJSONSchema(schema as z.ZodType, { target: "draft-2020-12" });
      return [name, rooted(shown, name)];
    }),
  );
}

/** A schema's references to its own definitions, from where it stands in the document. */
function rooted(schema: unknown, name: string): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/', `"#/components/schemas/${name}/`));
}
