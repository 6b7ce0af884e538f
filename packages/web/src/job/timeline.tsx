import type { JobEvent } from "@t2m/contract/jobs";
import { timeText } from "../lib/format.ts";
import { text } from "../text.ts";

/** A job's life so far, in order. */
export function Timeline({ events }: { events: readonly JobEvent[] }) {
  if (events.length === 0) return <p className="min-h-7 text-soft">{text.job.noTimeline}</p>;
  return (
    <ol aria-label={text.job.timeline} className="border-s-2 border-line ps-5">
      {events.map((event) => (
        <li key={event.sequence} className="relative pb-4 last:pb-0">
          <span
            className={`absolute -start-[1.7rem] top-1.5 size-3 rounded-full border-2 border-paper ${tone(event)}`}
          />
          <p className="font-medium">
            {text.events[event.type]}
            {(event.attempt ?? 1) > 1 && (
              <span className="font-normal text-soft">, {text.job.attempt(event.attempt ?? 1)}</span>
            )}
          </p>
          <p className="text-sm text-soft tabular-nums">
            <time dateTime={event.at}>{timeText(event.at)}</time>
            {event.failure && ` · ${event.failure.message}`}
          </p>
        </li>
      ))}
    </ol>
  );
}

function tone({ type }: JobEvent): string {
  if (type.endsWith("failed")) return "bg-bad";
  if (type === "job.completed") return "bg-good";
  return "bg-accent";
}
