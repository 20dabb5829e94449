/** What Discord would say to a message or a modal, and what a reader could be deceived by. */
import type { CardFile, Rendered } from "../../../src/bot/discord/render.ts";
import { checkComponents, componentsIn } from "../../support/discord/components.ts";
import { checked, schemaOf } from "../../support/discord/description.ts";
import { Refusal } from "../../support/discord/refusal.ts";

/** What could be read as something that nobody wrote on purpose; instants are ours. */
const FORGED = /<(?:@|#|:|a:|\/|id:|sound:)|@(?:everyone|here)\b|<t:(?!\d{1,12}:[tfF]>)|(?<!<)\bhttps?:\/\//iu;

/** Text as Discord reads it: without code, and without what a backslash made harmless. */
const active = (text: string): string =>
  text.replace(/```[\s\S]*?```|`[^`\n]*`|\\[^\p{L}\p{N}\s]|\(<https?:\/\/[^<>\s]*>\)|<https?:\/\/[^<>\s]*>/gu, " ");

export function textsOf({ content = "", components }: Pick<Rendered, "content" | "components">): readonly string[] {
  const texts = componentsIn(components).flatMap(({ component }) =>
    component.type === 10 ? [String(component.content)] : [],
  );
  return content === "" ? texts : [content, ...texts];
}

export function messageComplaints(message: Rendered): readonly string[] {
  const { content, flags, components, files } = message;
  const names = files.map(({ filename }: CardFile) => filename);
  const v2 = (flags & (1 << 15)) !== 0;
  const complaints: string[] = [];
  const tried = (work: () => unknown): void => {
    try {
      work();
    } catch (error) {
      complaints.push(error instanceof Refusal ? JSON.stringify(error) : String(error));
    }
  };
  tried(() =>
    checked(schemaOf("MessageCreateRequest"), { ...(content === undefined ? {} : { content }), flags, components }),
  );
  tried(() => checkComponents(components, v2, names));
  if ((content ?? "").length > 2_000) complaints.push("the content is too long");
  if (v2 === (content !== undefined))
    complaints.push("content and components of the second version exclude each other");
  for (const text of textsOf(message)) {
    const forged = FORGED.exec(active(text));
    if (forged)
      complaints.push(
        `reads as more than words: ${JSON.stringify(active(text).slice(forged.index, forged.index + 40))}`,
      );
    if ((text.match(/```/gu)?.length ?? 0) % 2 !== 0)
      complaints.push(`an open fence in ${JSON.stringify(text.slice(0, 80))}`);
  }
  for (const { content: file } of files) if (file.length > 8_000_000) complaints.push("a file is too large");
  return complaints;
}
