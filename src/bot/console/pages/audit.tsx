/** Who changed what, when. Pure. */
import type { AuditView } from "../../../orchestrator/index.ts";
import { Page, type Visit } from "./layout.tsx";
import { At } from "./status.tsx";

interface AuditProps {
  readonly visit: Visit;
  /** Newest first. */
  readonly events: readonly AuditView[];
}

export function AuditPage({ visit, events }: AuditProps) {
  const oldest = events.at(-1);
  return (
    <Page visit={visit} title="Audit" bodyClass="sheet">
      <main id="main">
        <h1>Audit</h1>
        {events.length === 0 && <p>Nothing here.</p>}
        {events.length > 0 && (
          <div class="wide">
            <table>
              <thead>
                <tr>
                  <th scope="col">No.</th>
                  <th scope="col">When</th>
                  <th scope="col">Who</th>
                  <th scope="col">What</th>
                  <th scope="col">Of what</th>
                  <th scope="col">Detail</th>
                  <th scope="col">Sealed</th>
                </tr>
              </thead>
              <tbody>
                {events.map((event) => (
                  <tr>
                    <td>{event.id}</td>
                    <td>
                      <At iso={event.at} />
                    </td>
                    <td>{event.actor}</td>
                    <td>{event.action}</td>
                    <td>{event.subject}</td>
                    <td class="said">
                      {Object.keys(event.detail).length > 0 && <code>{JSON.stringify(event.detail)}</code>}
                    </td>
                    <td>{event.sealed ? "yes" : "not yet"}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {oldest && oldest.id > 1 && <a href={`/audit?before=${oldest.id}`}>Earlier</a>}
      </main>
    </Page>
  );
}
