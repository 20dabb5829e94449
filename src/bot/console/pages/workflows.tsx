/** The workflows of the workspace, and one of them. Pure. */
import type { FiringView, RunView, WorkflowView } from "../../../orchestrator/index.ts";
import { duration, money, plural } from "../../cards/figures.ts";
import type { WorkflowPage } from "../deps.ts";
import { threadPath } from "../places.ts";
import { Page, type Visit } from "./layout.tsx";
import { At, Status } from "./status.tsx";

export function WorkflowsPage({
  visit,
  workflows,
}: {
  readonly visit: Visit;
  readonly workflows: readonly WorkflowView[];
}) {
  return (
    <Page visit={visit} title="Workflows" bodyClass="sheet">
      <main id="main">
        <h1>Workflows</h1>
        {workflows.length === 0 && (
          <p>
            None yet. Type <code>/claw every weekday at 9 …</code> in the <a href="/">chat</a>.
          </p>
        )}
        {workflows.length > 0 && (
          <div class="wide">
            <table>
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">State</th>
                  <th scope="col">When</th>
                  <th scope="col">Next</th>
                  <th scope="col">Last run</th>
                  <th scope="col">Owner</th>
                </tr>
              </thead>
              <tbody>
                {workflows.map((workflow) => (
                  <tr>
                    <th scope="row">
                      <a href={`/workflows/${encodeURIComponent(workflow.name)}`}>{workflow.name}</a>
                    </th>
                    <td>
                      <Status status={workflow.status} />
                    </td>
                    <td>{workflow.schedule}</td>
                    <td>
                      <At iso={workflow.nextAt} />
                    </td>
                    <td>{workflow.lastRun ? <RunLink run={workflow.lastRun} /> : <span class="none">–</span>}</td>
                    <td>{workflow.ownerName}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </main>
    </Page>
  );
}

function RunLink({ run }: { readonly run: RunView }) {
  return (
    <>
      <a href={`/runs/${run.number}`}>{`run ${run.number}`}</a> <Status status={run.status} />
    </>
  );
}

function Runs({ runs }: { readonly runs: readonly RunView[] }) {
  if (runs.length === 0) return <p>It has not run yet.</p>;
  return (
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">State</th>
            <th scope="col">Started</th>
            <th scope="col">Took</th>
            <th scope="col">Steps</th>
            <th scope="col">Cost</th>
            <th scope="col">Said</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr>
              <th scope="row">
                <a href={`/runs/${run.number}`}>{run.number}</a>
              </th>
              <td>
                <Status status={run.status} />
              </td>
              <td>
                <At iso={run.startedAt} />
              </td>
              <td>{duration(run.figures.durationMs)}</td>
              <td>{run.figures.steps}</td>
              <td>{money(run.figures.costMicros)}</td>
              <td class="said">{run.failure?.message ?? run.verdict?.text.split("\n")[0] ?? ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Firings({ firings }: { readonly firings: readonly FiringView[] }) {
  return (
    <ul class="plain">
      {firings.map((firing) => (
        <li>
          <At iso={firing.plannedAt} /> {firing.kind}{" "}
          {firing.outcome ? <Status status={firing.outcome} /> : <Status status="pending" />}
          {firing.count > 1 && ` ${firing.count} times`}
          {firing.reason && ` · ${firing.reason}`}
        </li>
      ))}
    </ul>
  );
}

interface WorkflowProps {
  readonly visit: Visit;
  readonly workflow: WorkflowPage;
  /** Where it talks, when that is a thread of this console. */
  readonly home: { readonly channel: string; readonly root: string } | null;
}

export function WorkflowDetailPage({ visit, workflow, home }: WorkflowProps) {
  return (
    <Page visit={visit} title={workflow.name} bodyClass="sheet">
      <main id="main">
        <p class="crumbs">
          <a href="/workflows">Workflows</a>
        </p>
        <h1>
          {workflow.name} <Status status={workflow.status} />
        </h1>
        <dl class="facts">
          <div>
            <dt>does</dt>
            <dd dir="auto">{workflow.instruction}</dd>
          </div>
          <div>
            <dt>when</dt>
            <dd>
              {workflow.schedule.includes(workflow.zone)
                ? workflow.schedule
                : `${workflow.schedule} (${workflow.zone})`}
            </dd>
          </div>
          <div>
            <dt>next</dt>
            <dd>
              <At iso={workflow.nextAt} />
            </dd>
          </div>
          <div>
            <dt>owner</dt>
            <dd>{workflow.ownerName}</dd>
          </div>
          <div>
            <dt>revision</dt>
            <dd>{workflow.revision}</dd>
          </div>
          {workflow.paused && (
            <div>
              <dt>paused</dt>
              <dd>
                by {workflow.paused.by}, <At iso={workflow.paused.at} />
                {workflow.paused.note && `: ${workflow.paused.note}`}
                {workflow.paused.leftOut ? `; ${plural(workflow.paused.leftOut, "slot")} left out` : ""}
              </dd>
            </div>
          )}
          {home && (
            <div>
              <dt>home</dt>
              <dd>
                <a href={threadPath(home.channel, home.root)}>{`its thread in #${home.channel}`}</a>
              </dd>
            </div>
          )}
        </dl>
        <h2>Runs</h2>
        <Runs runs={workflow.runs} />
        <h2>Last firings</h2>
        {workflow.lastFirings.length === 0 ? <p>None yet.</p> : <Firings firings={workflow.lastFirings} />}
      </main>
    </Page>
  );
}
