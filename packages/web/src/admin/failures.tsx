import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { dateTimeText } from "../lib/format.ts";
import { record } from "../record/client.ts";
import { Asked } from "../record/parts.tsx";
import { recordText } from "../text-record.ts";
import { Table } from "./table.tsx";

const texts = recordText.admin;

/** Failed conversions by their code, most frequent first. */
export function Failures({ days, from }: { days: number; from: string }) {
  const question = useQuery({
    queryKey: ["admin", "failures", days],
    queryFn: ({ signal }) => record.listFailures({ query: { from }, signal }),
  });
  return (
    <Asked question={question} rows={1}>
      {({ items }) =>
        items.length === 0 ? (
          <p className="text-soft">{texts.noFailures}</p>
        ) : (
          <Table label={texts.failures} heads={[texts.code, texts.count, texts.people, texts.last]}>
            {items.map(({ code, jobs, people, lastAt }) => (
              <tr key={code}>
                <th scope="row">
                  <Link to="/admin/jobs" search={{ state: "failed", code }} className="link">
                    {code}
                  </Link>
                </th>
                <td>{jobs}</td>
                <td>{people}</td>
                <td>{dateTimeText(lastAt)}</td>
              </tr>
            ))}
          </Table>
        )
      }
    </Asked>
  );
}
