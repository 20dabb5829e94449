/** The pages before there is a session. Pure. */
import type { Assets } from "../assets.ts";
import { Notice } from "./layout.tsx";

export type LoginTrouble = "no_session" | "bad_key" | "too_many" | "shown" | "shown_already";

const TROUBLE = {
  no_session: "This browser is not signed in.",
  bad_key: "That key was used already, or never was one.",
  too_many: "Too many wrong keys. Wait a minute.",
  shown: "A new URL stands in the terminal where Claw runs. Open it.",
  shown_already: "A URL was printed a moment ago. Look at the terminal where Claw runs.",
} as const satisfies Record<LoginTrouble, string>;

export function LoginPage({ assets, trouble }: { readonly assets: Assets; readonly trouble: LoginTrouble }) {
  return (
    <Notice assets={assets} title="Sign in to Claw">
      <p role="status">{TROUBLE[trouble]}</p>
      <p>Claw prints a URL with a key in its terminal when it starts. The key works once.</p>
      <form method="post" action="/login">
        <input type="hidden" name="ask" value="new" />
        <button type="submit" class="button button-primary">
          Print a new URL in the terminal
        </button>
      </form>
      <form method="post" action="/login" class="key-form">
        <label for="key">Or paste the key (or your CLAW_CONSOLE_TOKEN)</label>
        <div class="key-row">
          <input id="key" name="key" type="password" autocomplete="off" required />
          <button type="submit" class="button">
            Sign in
          </button>
        </div>
      </form>
    </Notice>
  );
}

export function SignedInPage({ assets }: { readonly assets: Assets }) {
  return (
    <Notice assets={assets} title="Signed in" refreshTo="/">
      <p>
        <a href="/">Go on to the console</a>
      </p>
    </Notice>
  );
}
