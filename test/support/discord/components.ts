/** Rules for components that no description holds, and components as the API tells them once they are posted. Pure. */
import { isObject, type Json, objectsOf, present, textOf } from "../slack/json.ts";
import { type FieldError, invalidForm, Refusal } from "./refusal.ts";

export const COMPONENT = {
  row: 1,
  button: 2,
  stringSelect: 3,
  textInput: 4,
  userSelect: 5,
  roleSelect: 6,
  mentionableSelect: 7,
  channelSelect: 8,
  section: 9,
  text: 10,
  thumbnail: 11,
  gallery: 12,
  file: 13,
  separator: 14,
  container: 17,
  label: 18,
} as const;

const SELECTS: readonly unknown[] = [3, 5, 6, 7, 8];

export const isSelect = (component: Json): boolean => SELECTS.includes(component.type);

type Path = FieldError["path"];

interface Placed {
  readonly component: Json;
  readonly path: Path;
}

/** Every component with where it stands, outer ones first. */
export function componentsIn(components: unknown, path: Path = ["components"]): Placed[] {
  return objectsOf(components).flatMap((component, index) => within(component, [...path, index]));
}

function within(component: Json, path: Path): Placed[] {
  const one = (key: string) => (isObject(component[key]) ? within(component[key], [...path, key]) : []);
  return [
    { component, path },
    ...componentsIn(component.components, [...path, "components"]),
    ...one("accessory"),
    ...one("component"),
  ];
}

/**
 * https://discord.com/developers/docs/components/reference
 * @param fileNames of what is uploaded with the message or stands in it already
 * @throws Refusal 50035
 */
export function checkComponents(components: unknown, v2: boolean, fileNames: readonly string[], at: Path = []): void {
  const all = componentsIn(components, [...at, "components"]);
  const top = objectsOf(components);
  const root = [...at, "components"];
  const errors: FieldError[] = [];
  if (!v2) {
    top.forEach(({ type }, index) => {
      if (type === COMPONENT.row) return;
      const message = 'Value of field "type" must be one of (1,).';
      errors.push({ path: [...root, index, "type"], code: "UNION_TYPE_CHOICES", message });
    });
    if (top.length > 5)
      errors.push({ path: root, code: "BASE_TYPE_MAX_LENGTH", message: "Must be 5 or fewer in length." });
  }
  if (all.length > 40) {
    const message = "The maximum number of components is 40, nested ones included";
    errors.push({ path: root, code: "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message });
  }
  const text = all.reduce(
    (sum, { component }) => sum + (component.type === 10 ? textOf(component.content).length : 0),
    0,
  );
  if (text > 4000) {
    const message = "The total component displayable text size must be less than or equal to 4000";
    errors.push({ path: root, code: "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message });
  }
  // Seen on the real one, though within all that is documented: https://github.com/discord/discord-api-docs/issues/8554.
  const processed = all.reduce(
    (sum, { component }) => sum + (component.type === 10 ? 12 + Buffer.byteLength(textOf(component.content)) : 0),
    0,
  );
  if (processed > 10_170 && errors.length === 0) throw new Refusal("internal");
  errors.push(...all.flatMap((each) => errorsOf(each, fileNames)), ...repeated(all));
  if (errors.length > 0) throw invalidForm(errors);
}

function repeated(all: readonly Placed[]): FieldError[] {
  const seen = { custom_id: new Set<unknown>(), id: new Set<unknown>() };
  return all.flatMap(({ component, path }) =>
    (["custom_id", "id"] as const).flatMap((key) => {
      const value = component[key];
      if (value === undefined || value === null || value === 0) return [];
      if (!seen[key].has(value)) {
        seen[key].add(value);
        return [];
      }
      const code = key === "id" ? "COMPONENT_ID_DUPLICATED" : "COMPONENT_CUSTOM_ID_DUPLICATED";
      return [
        { path: [...path, key], code, message: `Component ${key === "id" ? "id" : "custom id"} cannot be duplicated` },
      ];
    }),
  );
}

function errorsOf({ component, path }: Placed, fileNames: readonly string[]): FieldError[] {
  const error = (key: string, code: string, message: string): FieldError => ({ path: [...path, key], code, message });
  if (component.type === COMPONENT.row) {
    const inner = objectsOf(component.components);
    const wide = inner.some(isSelect) ? inner.length > 1 : inner.length > 5;
    return wide
      ? [error("components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width")]
      : [];
  }
  if (component.type === COMPONENT.button) return buttonErrors(component, error);
  if (component.type === COMPONENT.stringSelect) {
    const values = objectsOf(component.options).map((each) => each.value);
    const twice = values.findIndex((value, index) => values.indexOf(value) !== index);
    if (twice < 0) return [];
    return [
      {
        path: [...path, "options", twice, "value"],
        code: "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
        message: "The specified option value is already used",
      },
    ];
  }
  const media =
    component.type === COMPONENT.file
      ? component.file
      : component.type === COMPONENT.thumbnail
        ? component.media
        : null;
  const name = isObject(media) ? /^attachment:\/\/(.+)$/.exec(textOf(media.url))?.[1] : undefined;
  if (name !== undefined && !fileNames.includes(name)) {
    const message = "The referenced attachment was not found";
    return [
      error(
        component.type === COMPONENT.file ? "file" : "media",
        "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
        message,
      ),
    ];
  }
  return [];
}

function buttonErrors(button: Json, error: (key: string, code: string, message: string) => FieldError): FieldError[] {
  const errors: FieldError[] = [];
  const has = (key: string) => button[key] !== undefined && button[key] !== null && button[key] !== "";
  if (button.style === 5) {
    if (!has("url")) errors.push(error("url", "BASE_TYPE_REQUIRED", "A url is required"));
    if (has("custom_id"))
      errors.push(
        error(
          "custom_id",
          "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
          "A custom id and url cannot both be specified",
        ),
      );
  } else if (button.style !== 6) {
    if (!has("custom_id"))
      errors.push(error("custom_id", "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required"));
    if (has("url"))
      errors.push(
        error(
          "url",
          "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
          "A custom id and url cannot both be specified",
        ),
      );
  }
  if (button.style !== 6 && !has("label") && !has("emoji")) {
    errors.push(error("label", "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A label or an emoji is required"));
  }
  return errors;
}

/** How an uploaded file is told of in a component. */
export type MediaOf = (url: string) => Json;

/** As the API tells them: every one with an id, and with what was left out at its default. */
export function postedComponents(components: unknown, media: MediaOf): Json[] {
  const taken = new Set(componentsIn(components).map(({ component }) => component.id));
  let last = 0;
  const idFor = (given: unknown): number => {
    if (typeof given === "number" && given > 0) return given;
    do last += 1;
    while (taken.has(last));
    return last;
  };
  const posted = (component: Json): Json => {
    const given = Object.fromEntries(Object.entries(component).filter(([, value]) => value !== null));
    const base = { ...given, id: idFor(component.id) };
    const inner = Array.isArray(component.components)
      ? { components: objectsOf(component.components).map(posted) }
      : {};
    switch (component.type) {
      case COMPONENT.stringSelect:
      case COMPONENT.userSelect:
      case COMPONENT.roleSelect:
      case COMPONENT.mentionableSelect:
      case COMPONENT.channelSelect: {
        const { required: _, ...rest } = base as Json;
        return { min_values: 1, max_values: 1, ...rest };
      }
      case COMPONENT.section:
        return { ...base, ...inner, accessory: isObject(component.accessory) ? posted(component.accessory) : {} };
      case COMPONENT.thumbnail:
        return { description: null, spoiler: false, ...base, media: mediaOf(component.media, media) };
      case COMPONENT.gallery:
        return {
          ...base,
          items: objectsOf(component.items).map((item) => ({
            description: null,
            spoiler: false,
            ...present(item),
            media: mediaOf(item.media, media),
          })),
        };
      case COMPONENT.file: {
        const file = mediaOf(component.file, media);
        return { spoiler: false, ...base, file, name: textOf(file.url).split("/").at(-1) ?? null, size: null };
      }
      case COMPONENT.separator:
        return { divider: true, spacing: 1, ...base };
      case COMPONENT.container:
        return { accent_color: null, spoiler: false, ...base, ...inner };
      default:
        return { ...base, ...inner };
    }
  };
  return objectsOf(components).map(posted);
}

const mediaOf = (value: unknown, media: MediaOf): Json => media(isObject(value) ? textOf(value.url) : "");
