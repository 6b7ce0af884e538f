import type { Throughput } from "@t2m/contract/admin";
import { useQuery } from "@tanstack/react-query";
import { dateTimeText, dayText } from "../lib/format.ts";
import { record } from "../record/client.ts";
import { Asked } from "../record/parts.tsx";
import { recordText } from "../text-record.ts";
import { Table } from "./table.tsx";

const texts = recordText.admin;
type Hour = Throughput["hours"][number];

/** Conversions by the hour for a day, by the day for longer; the newest first. */
export function ThroughputTable({ days, from }: { days: number; from: string }) {
  const question = useQuery({
    queryKey: ["admin", "throughput", days],
    queryFn: ({ signal }) => record.getThroughput({ query: { from }, signal }),
  });
  const heads = [texts.hour, texts.made, texts.done, texts.failed, texts.cancelled];
  return (
    <Asked question={question} rows={2}>
      {({ hours }) => {
        if (hours.length === 0) return <p className="text-soft">{texts.nothing}</p>;
        const rows = (days === 1 ? hours : byDay(hours)).toReversed();
        const most = Math.max(...rows.map(({ created }) => created), 1);
        return (
          <Table label={texts.throughput} heads={heads}>
            {rows.map(({ startsAt, created, completed, failed, cancelled }) => (
              <tr key={startsAt}>
                <th scope="row">
                  {days === 1 ? dateTimeText(startsAt) : dayText(startsAt)}
                  <span
                    className="mt-1 block h-1 rounded-full bg-accent"
                    style={{ width: `${(created / most) * 100}%` }}
                  />
                </th>
                <td>{created}</td>
                <td>{completed}</td>
                <td>{failed}</td>
                <td>{cancelled}</td>
              </tr>
            ))}
          </Table>
        );
      }}
    </Asked>
  );
}

function byDay(hours: readonly Hour[]): Hour[] {
  const days = Map.groupBy(hours, ({ startsAt }) => new Date(startsAt).toDateString());
  return [...days.values()].flatMap((some) => {
    const [first] = some;
    const sum = (name: Exclude<keyof Hour, "startsAt">) => some.reduce((all, hour) => all + hour[name], 0);
    if (!first) return [];
    const { startsAt } = first;
    return [
      {
        startsAt,
        created: sum("created"),
        completed: sum("completed"),
        failed: sum("failed"),
        cancelled: sum("cancelled"),
      },
    ];
  });
}
