/** What both HTTP tools take and give. */
import { z } from "zod";
import { parseHttpUrl } from "../egress.ts";

export const Url = z
  .string()
  .max(4_000)
  .superRefine((url, { addIssue }) => {
    const parsed = parseHttpUrl(url);
    if (!parsed.ok) addIssue(parsed.error.message);
  });

export const Answer = z.object({
  /** Where the answer came from, after redirects. */
  url: z.string(),
  status: z.int(),
  contentType: z.string().nullable(),
  title: z.string().nullable(),
  text: z.string(),
  /** There was more than `text` holds. */
  truncated: z.boolean(),
});

/** A server that answers 500 and up is unwell, whatever it says. */
export const troubleOf = ({ url, status }: Pick<z.infer<typeof Answer>, "url" | "status">): string | null =>
  status >= 500 ? `${destinationOf(url)} answers ${status}` : null;

/** `example.com`, `example.com:8080`. What cannot be read is named as it stands: no destination would mean nowhere. */
export function destinationOf(url: string): string {
  const parsed = parseHttpUrl(url);
  return parsed.ok ? parsed.value.host : url;
}
