/** HTTP mode: what Slack posts to the app's URL, signed, with its retries; and what only an attacker would post. */
import { createHmac } from "node:crypto";
import { request as httpRequest } from "node:http";
import { type AttemptOutcome, begin, type Delivery, type Retry, type Transport } from "./deliveries.ts";
import { isObject, parseJson } from "./json.ts";
import type { State } from "./state.ts";

/** A request as it went out; sending it again is a replay to the byte. */
export interface SignedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SignedAnswer {
  /** 0 when there was none. */
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly failure: "timeout" | "connection_failed" | null;
}

/** What is wrong with a request that Slack did not send. */
export interface Tampering {
  /** Signs with another secret. */
  readonly wrongSecret?: boolean;
  /** Leaves the signature out. */
  readonly unsigned?: boolean;
  /** Seconds; past is negative. Properly signed. */
  readonly timestampOffset?: number;
  /** Changes the body after it was signed. */
  readonly alteredBody?: boolean;
}

export class SignedHttp implements Transport {
  /** Every request that went out, by its delivery where it has one. */
  readonly requests: { readonly delivery: Delivery | null; readonly request: SignedRequest }[] = [];

  constructor(
    private readonly state: State,
    /** Where the app listens, such as `http://127.0.0.1:3000/slack/events`; null until it is known. */
    public requestUrl: string | null,
  ) {}

  async attempt(delivery: Delivery, retry: Retry | null): Promise<AttemptOutcome> {
    const attempt = begin(this.state, delivery, retry, null);
    if (this.requestUrl === null) {
      attempt.outcome = { kind: "failed", reason: "connection_failed", status: 0 };
      return attempt.outcome;
    }
    const request = this.signed(delivery, retry, {});
    this.requests.push({ delivery, request });
    const answer = await this.send(request);
    if (answer.headers["x-slack-no-retry"] === "1") delivery.noRetry = true;
    const afterMs = this.state.now() - attempt.at;
    if (answer.failure !== null) attempt.outcome = { kind: "failed", reason: answer.failure, status: 0 };
    else if (answer.status >= 200 && answer.status < 300) {
      attempt.outcome = { kind: "acked", afterMs, response: responseOf(answer.body), status: answer.status };
    } else attempt.outcome = { kind: "failed", reason: "http_error", status: answer.status };
    return attempt.outcome;
  }

  /** Posts the delivery in a way in which Slack would not. */
  async forge(delivery: Delivery, tampering: Tampering): Promise<SignedAnswer> {
    const request = this.signed(delivery, null, tampering);
    this.requests.push({ delivery: null, request });
    return this.send(request);
  }

  /** The same bytes once more: body, timestamp and signature. @throws Error when the delivery was never sent */
  async replay(delivery: Delivery): Promise<SignedAnswer> {
    const sent = this.requests.find((each) => each.delivery === delivery);
    if (!sent) throw new Error("that delivery was never sent over HTTP");
    return this.send(sent.request);
  }

  /** Asks the URL whether it is the app's, as Slack does when it is entered. @returns true when it gave the challenge back */
  async verify(): Promise<boolean> {
    const challenge = this.state.ids.opaque(32);
    const body = JSON.stringify({ type: "url_verification", token: this.state.verificationToken, challenge });
    const answer = await this.send(this.sign(body, "application/json", null, {}));
    const value = parseJson(answer.body);
    return answer.status === 200 && (isObject(value) ? value.challenge : answer.body) === challenge;
  }

  private signed(delivery: Delivery, retry: Retry | null, tampering: Tampering): SignedRequest {
    const { kind, payload } = delivery;
    if (kind === "event") return this.sign(JSON.stringify(payload), "application/json", retry, tampering);
    const form =
      kind === "command"
        ? new URLSearchParams(Object.entries(payload).map(([key, value]) => [key, String(value)]))
        : new URLSearchParams({ payload: JSON.stringify(payload) });
    return this.sign(form.toString(), "application/x-www-form-urlencoded", retry, tampering);
  }

  private sign(body: string, type: string, retry: Retry | null, tampering: Tampering): SignedRequest {
    const secret = tampering.wrongSecret ? "not the secret" : this.state.signingSecret;
    const timestamp = String(Math.floor(this.state.now() / 1000) + (tampering.timestampOffset ?? 0));
    const signature = `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
    return {
      url: this.requestUrl ?? "",
      headers: {
        "content-type": type,
        "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "x-slack-request-timestamp": timestamp,
        ...(!tampering.unsigned && { "x-slack-signature": signature }),
        ...(retry !== null && { "x-slack-retry-num": String(retry.num), "x-slack-retry-reason": retry.reason }),
      },
      body: tampering.alteredBody ? body.replace(/(token)/, "$1 ") : body,
    };
  }

  private send({ url, headers, body }: SignedRequest): Promise<SignedAnswer> {
    return new Promise((resolve) => {
      const failed = (failure: "timeout" | "connection_failed") =>
        resolve({ status: 0, body: "", headers: {}, failure });
      const outgoing = httpRequest(
        url,
        { method: "POST", headers: { ...headers, "content-length": Buffer.byteLength(body) }, agent: false },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("end", () => {
            clearTimeout(timer);
            const answer = Buffer.concat(chunks).toString("utf8");
            resolve({ status: incoming.statusCode ?? 0, body: answer, headers: incoming.headers, failure: null });
          });
          incoming.on("error", () => failed("connection_failed"));
        },
      );
      const timer = setTimeout(() => {
        failed("timeout");
        outgoing.destroy();
      }, this.state.settings.ackLimitMs);
      outgoing.on("error", () => {
        clearTimeout(timer);
        failed("connection_failed");
      });
      outgoing.end(body);
    });
  }
}

/** JSON as an object, a text as `{ text }`, nothing as null: what Socket Mode's acknowledgements carry too. */
function responseOf(body: string): unknown {
  if (body === "") return null;
  const value = parseJson(body);
  return isObject(value) ? value : { text: body };
}
