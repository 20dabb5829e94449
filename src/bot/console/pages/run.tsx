/** A run's journal: every step with what went in, what came out, what it cost, and who decided. Pure. */
import type { DeliveryView, InspectView, ManifestEntry, StepView } from "../../../orchestrator/index.ts";
import { duration, money, words } from "../../cards/figures.ts";
import { Markdown } from "../markdown.tsx";
import { Diff } from "../render.tsx";
import { Page, type Visit } from "./layout.tsx";
import { At, Status } from "./status.tsx";

const FIRED = {
  slot: "planned for",
  backfill: "made up for",
  replay: "a replay",
  dry_run: "a dry run",
  person: "a person asked",
  message: "a message came",
  webhook: "a webhook came",
  reaction: "a reaction came",
  outcome: "another workflow ended",
  workflow: "another workflow asked",
  change: "a page changed",
} as const satisfies Record<InspectView["firing"]["kind"], string>;

function Manifest({ entries }: { readonly entries: readonly ManifestEntry[] }) {
  if (entries.length === 0) return null;
  const sent = entries.filter((entry) => entry.included);
  const tokens = sent.reduce((sum, entry) => sum + entry.tokens, 0);
  return (
    <details>
      <summary>{`Context: ${sent.length} of ${entries.length} pieces went in, ${tokens} tokens`}</summary>
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">Piece</th>
              <th scope="col">Sent</th>
              <th scope="col">Tokens</th>
              <th scope="col">Why</th>
              <th scope="col">Hash</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <tr>
                <th scope="row">{entry.piece}</th>
                <td>{entry.included ? "yes" : "no"}</td>
                <td>{entry.tokens}</td>
                <td>{entry.reason}</td>
                <td>
                  <code>{entry.hash.slice(0, 12)}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** What may be done without asking; a page only shows, so that it is taken back by a line. */
function Grants({ grants }: { readonly grants: InspectView["grants"] }) {
  if (grants.length === 0) return <p>None: each of its calls that changes something asks.</p>;
  return (
    <ul>
      {grants.map((grant) => (
        <li>
          {`Grant ${grant.number}: ${grant.words}; used ${grant.usedHere} here; `}
          {grant.over ?? (
            <>
              {`${grant.usesLeft} of ${grant.uses} left, until `}
              <At iso={grant.expiresAt} />
              {". "}
              <code>{`/claw revoke ${grant.number}`}</code> takes it back.
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

/** What came of each try, and why there was another; nothing for what went well at once. */
function Tries({ tries }: { readonly tries: StepView["tries"] }) {
  if (tries.length < 2) return null;
  return (
    <details class="tries" open>
      <summary>{`${tries.length} attempts`}</summary>
      <ol class="plain">
        {tries.map(({ number, outcome, failure, at, durationMs }) => (
          <li>
            {`${number}. `}
            <At iso={at} /> <Status status={outcome} />
            {durationMs === null ? "" : ` ${duration(durationMs)}`}
            {failure && ` ${failure.code}: ${failure.message}`}
          </li>
        ))}
      </ol>
    </details>
  );
}

function Step({ step }: { readonly step: StepView }) {
  const figures = [
    step.durationMs === null ? null : duration(step.durationMs),
    step.costMicros > 0 ? money(step.costMicros) : null,
    step.kind === "model" ? `${step.inputTokens} tokens in, ${step.outputTokens} out` : null,
    step.attempts > 1 ? `${step.attempts} attempts` : null,
  ].filter((figure) => figure !== null);
  return (
    <li class="step" data-step={`${step.turn}.${step.callIndex}`}>
      <p class="step-head">
        <span class="step-key">{`${step.turn}.${step.callIndex}`}</span>
        <strong>{step.name}</strong>
        <span class="step-kind">{step.kind === "model" ? "model call" : "tool call"}</span>
        <Status status={step.status} />
        <span class="step-figures">{figures.join(" · ")}</span>
      </p>
      {step.summary && (
        <>
          <p class="label">{step.kind === "model" ? "It said" : "Arguments"}</p>
          <pre dir="auto">{step.summary}</pre>
        </>
      )}
      {step.result && (
        <>
          <p class="label">Result</p>
          <pre dir="auto">{step.result}</pre>
        </>
      )}
      <Tries tries={step.tries} />
      <Manifest entries={step.manifest} />
    </li>
  );
}

function Approvals({ approvals }: { readonly approvals: InspectView["approvals"] }) {
  if (approvals.length === 0) return <p>It asked for nothing.</p>;
  return (
    <ul class="plain">
      {approvals.map((approval) => (
        <li class="approval">
          <p>
            <strong>{`#${approval.number} ${approval.action}`}</strong> <Status status={approval.status} />
            {approval.decider && ` by ${approval.decider}`}
          </p>
          <p>{approval.reasons.join(" ")}</p>
          <Diff lines={approval.diff} />
          <details>
            <summary>{`Exactly: ${approval.tool}`}</summary>
            <pre>{approval.exactly}</pre>
          </details>
        </li>
      ))}
    </ul>
  );
}

function Deliveries({ deliveries }: { readonly deliveries: readonly DeliveryView[] }) {
  if (deliveries.length === 0) return <p>It posted nothing.</p>;
  return (
    <ul class="plain">
      {deliveries.map((delivery) => (
        <li>
          <At iso={delivery.at} /> {words(delivery.noticeKind)} <Status status={delivery.status} />
          {delivery.failure && ` · ${delivery.failure.message}`}
        </li>
      ))}
    </ul>
  );
}

export function RunPage({ visit, inspected }: { readonly visit: Visit; readonly inspected: InspectView }) {
  const { run, firing } = inspected;
  return (
    <Page visit={visit} title={`Run ${run.number}`} bodyClass="sheet">
      <main id="main">
        <p class="crumbs">
          <a href="/workflows">Workflows</a> / <a href={`/workflows/${encodeURIComponent(run.name)}`}>{run.name}</a>
        </p>
        <h1>
          {`Run ${run.number}`} <Status status={run.status} />
        </h1>
        <dl class="facts">
          <div>
            <dt>does</dt>
            <dd dir="auto">{inspected.instruction}</dd>
          </div>
          <div>
            <dt>began</dt>
            <dd>
              <At iso={run.startedAt} /> {`(${FIRED[firing.kind]} `}
              <At iso={firing.plannedAt} />)
            </dd>
          </div>
          <div>
            <dt>ended</dt>
            <dd>
              <At iso={run.endedAt} />
            </dd>
          </div>
          <div>
            <dt>took</dt>
            <dd>{`${duration(run.figures.durationMs)} · ${run.figures.steps} steps · ${money(run.figures.costMicros)}`}</dd>
          </div>
          <div>
            <dt>model</dt>
            <dd>{inspected.model}</dd>
          </div>
          {run.replayOf !== null && (
            <div>
              <dt>replays</dt>
              <dd>
                <a href={`/runs/${run.replayOf}`}>{`run ${run.replayOf}`}</a>; its journal answered the tools
              </dd>
            </div>
          )}
          {run.dry && (
            <div>
              <dt>dry run</dt>
              <dd>It changed nothing: what it would have asked for was not done.</dd>
            </div>
          )}
          {inspected.prunedAt !== null && (
            <div>
              <dt>journal</dt>
              <dd>
                pruned <At iso={inspected.prunedAt} />: its steps and approvals are not kept any more
              </dd>
            </div>
          )}
          {run.tainted && (
            <div>
              <dt>taint</dt>
              <dd>It read text that outsiders can write.</dd>
            </div>
          )}
          {run.waits.map((wait) => (
            <div>
              <dt>waits</dt>
              <dd>
                {wait.asked ? "because the workflow asked to" : `for ${wait.forWhat}`}, since <At iso={wait.since} />
                {wait.dueAt && (
                  <>
                    , until <At iso={wait.dueAt} />
                  </>
                )}
              </dd>
            </div>
          ))}
          {run.failure && (
            <div>
              <dt>failure</dt>
              <dd>{`${run.failure.message} (${run.failure.code})`}</dd>
            </div>
          )}
        </dl>
        {run.verdict && (
          <section aria-labelledby="verdict">
            <h2 id="verdict">{`Verdict: ${run.verdict.kind.replaceAll("_", " ")}`}</h2>
            <div class="card-text" dir="auto">
              <Markdown text={run.verdict.text} />
            </div>
          </section>
        )}
        <h2>Steps</h2>
        {inspected.steps.length === 0 && <p>{inspected.prunedAt === null ? "None yet." : "Pruned."}</p>}
        <ol class="steps">
          {inspected.steps.map((step) => (
            <Step step={step} />
          ))}
        </ol>
        <h2>Approvals</h2>
        <Approvals approvals={inspected.approvals} />
        <h2>Grants</h2>
        <Grants grants={inspected.grants} />
        <h2>Deliveries</h2>
        <Deliveries deliveries={inspected.deliveries} />
      </main>
    </Page>
  );
}
