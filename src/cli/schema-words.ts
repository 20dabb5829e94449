/** A JSON schema in plain words, a line a field. Pure. */

type Schema = Readonly<Record<string, unknown>>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** `url: text, at most 4000 characters; needed`; fields within a field stand further to the right. */
export function fieldLines(schema: Schema, indent = ""): readonly string[] {
  const properties = isSchema(schema.properties) ? schema.properties : {};
  const required = list(schema.required);
  return Object.entries(properties).flatMap(([name, value]) => {
    const field = isSchema(value) ? value : {};
    const need = required.includes(name) ? "needed" : "may be left out";
    const said = typeof field.description === "string" ? `; ${field.description}` : "";
    return [`${indent}${name}: ${kindWords(field)}; ${need}${said}`, ...inner(field, `${indent}  `)];
  });
}

function inner(field: Schema, indent: string): readonly string[] {
  if (isSchema(field.properties)) return fieldLines(field, indent);
  return isSchema(field.items) ? inner(field.items, indent) : [];
}

const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  null: "nothing",
  object: "fields",
  array: "a list",
};

function kindWords(schema: Schema): string {
  const choices = [...list(schema.anyOf), ...list(schema.oneOf)].filter(isSchema);
  if (choices.length > 0) return choices.map(kindWords).join(", or ");
  if ("const" in schema) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return `one of ${schema.enum.map((value) => String(value)).join(", ")}`;
  const type = String(schema.type ?? "");
  if (type === "array") {
    return [
      `a list${isSchema(schema.items) ? ` of ${kindWords(schema.items)}` : ""}`,
      ...bounds(schema, "Items", "entries"),
    ].join(", ");
  }
  if (type === "object" && isSchema(schema.additionalProperties)) {
    return `names, each with ${kindWords(schema.additionalProperties)}`;
  }
  const kind = KINDS[type] ?? "anything";
  if (type === "string") return [kind, ...bounds(schema, "Length", "characters")].join(", ");
  return [kind, ...range(schema)].join(", ");
}

function bounds(schema: Schema, of: "Length" | "Items", unit: string): readonly string[] {
  const [least, most] = [schema[`min${of}`], schema[`max${of}`]];
  return [
    ...(typeof least === "number" && least > 0 ? [`at least ${least} ${unit}`] : []),
    ...(typeof most === "number" ? [`at most ${most} ${unit}`] : []),
  ];
}

function range({ minimum, maximum, exclusiveMinimum }: Schema): readonly string[] {
  return [
    ...(typeof minimum === "number" ? [`from ${minimum}`] : []),
    ...(typeof exclusiveMinimum === "number" ? [`more than ${exclusiveMinimum}`] : []),
    ...(typeof maximum === "number" ? [`up to ${maximum}`] : []),
  ];
}
