/** Which words a clause about when can begin with: most words of an instruction are told apart by this alone. */
import { zoneNameBegins } from "../zone.ts";
import type { Token } from "./tokens.ts";
import {
  EVERY,
  monthNamed,
  numberNamed,
  ordinalNamed,
  partNamed,
  TODAY,
  TOMORROW,
  weekdayNamed,
} from "./vocabulary.ts";

const WORDS: ReadonlySet<string> = new Set([
  ...EVERY,
  ...TODAY,
  ...TOMORROW,
  ..."all alternate alternating each hourly daily nightly weekly fortnightly monthly quarterly yearly annually biennially".split(
    " ",
  ),
  ..."biweekly bimonthly semiweekly semimonthly biannually biannual semiannually semiannual halfyearly bi semi half quarter".split(
    " ",
  ),
  ..."after once twice thrice in at on the a an of during within throughout overnight from between to".split(" "),
  ..."starting beginning begining commencing effective start begin starts as end ending ends top bottom".split(" "),
  ..."until till til through thru up stopping finishing forever indefinitely for max maximum x".split(" "),
  ..."except excluding excepting excl exc unless but other apart with not no without minus never skip skipping save".split(
    " ",
  ),
  ..."cron crontab rule this next coming upcoming later tonight minute minutes month year last final penultimate".split(
    " ",
  ),
  ..."day days calendar noon midday noontime midnight business working work week weekday weekdays workday workdays".split(
    " ",
  ),
  ..."nearest closest weekend weekends weeknight weeknights both timezone zone tz time local my our single sharp now immediately right".split(
    " ",
  ),
  ..."christmas xmas boxing new valentine valentines valentine's halloween st leap easter thanksgiving ramadan diwali".split(
    " ",
  ),
  ..."hanukkah passover pentecost mwf tth tuth mw mtwtf mtwthf mtwrf mtthf twenty thirty t z rate first second".split(
    " ",
  ),
]);

/** False only for a token that no clause begins with. */
export function mayBegin(token: Token | undefined, next: Token | undefined): boolean {
  if (token === undefined) return false;
  if (token.kind !== "word") return true;
  const { text } = token;
  // `Europe/Paris`, `M-F`, `Tu/Th`
  if (next?.leads === false && next.kind === "mark" && ["/", "-", "_", ",", "&", "+"].includes(next.text)) return true;
  return (
    WORDS.has(text) ||
    weekdayNamed(text) !== null ||
    monthNamed(text) !== null ||
    partNamed(text) !== null ||
    numberNamed(text) !== null ||
    ordinalNamed(text) !== null ||
    zoneNameBegins(text)
  );
}
