import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { dateTimeText, sizeText } from "../lib/format.ts";
import { record } from "../record/client.ts";
import { Asked } from "../record/parts.tsx";
import { recordText } from "../text-record.ts";
import { SelectField } from "../ui/fields.tsx";
import { Failures } from "./failures.tsx";
import { AdminFrame } from "./frame.tsx";
import { PersonLink } from "./person-link.tsx";
import { ThroughputTable } from "./throughput.tsx";

const texts = recordText.admin;
const lookAgainMs = 15_000;
const dayMs = 86_400_000;

/** How the service does: queue, storage, failures, throughput. */
export function AdminPage() {
  return (
    <AdminFrame heading={texts.heading}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
        <Queue />
        <Periodic />
        <Storage />
      </div>
    </AdminFrame>
  );
}

function Queue() {
  const question = useQuery({
    queryKey: ["admin", "queue"],
    queryFn: ({ signal }) => record.getWholeQueue({ signal }),
    refetchInterval: lookAgainMs,
  });
  return (
    <Section heading={texts.queue}>
      <Asked question={question} rows={1}>
        {({ queued, running, paused, limits, oldestQueuedAt, people }) => (
          <>
            <dl className="grid gap-3 sm:grid-cols-3">
              <Tile
                name={texts.queued}
                value={String(queued)}
                more={oldestQueuedAt && texts.oldest(dateTimeText(oldestQueuedAt))}
              />
              <Tile name={texts.running} value={String(running)} more={texts.runningOf(limits.all)} />
              <Tile name={texts.paused} value={String(paused)} />
            </dl>
            {people.length > 0 && (
              <People
                label={texts.waiting}
                people={people.map(({ userId, queued, running }) => [userId, texts.waits(queued, running)])}
              />
            )}
          </>
        )}
      </Asked>
    </Section>
  );
}

function Storage() {
  const question = useQuery({
    queryKey: ["admin", "storage"],
    queryFn: ({ signal }) => record.getStorageUse({ signal }),
  });
  return (
    <Section heading={texts.storage}>
      <Asked question={question} rows={1}>
        {({ files, sizeBytes, kinds, people }) => (
          <>
            <dl className="grid gap-3 sm:grid-cols-3">
              <Tile name={texts.stored} value={sizeText(sizeBytes)} more={texts.files(files)} />
              {kinds.map(({ kind, files, sizeBytes }) => (
                <Tile
                  key={kind}
                  name={recordText.files.kinds[kind] ?? kind}
                  value={sizeText(sizeBytes)}
                  more={texts.files(files)}
                />
              ))}
            </dl>
            {people.length > 0 && (
              <People
                label={texts.storers}
                people={people.map(({ userId, files, sizeBytes }) => [
                  userId,
                  `${sizeText(sizeBytes)}, ${texts.files(files)}`,
                ])}
              />
            )}
          </>
        )}
      </Asked>
    </Section>
  );
}

function Periodic() {
  const [days, setDays] = useState<keyof typeof texts.periods>(1);
  // To the minute, so that the question stays the same from one rendering to the next.
  const from = new Date(Math.floor(Date.now() / 60_000) * 60_000 - days * dayMs).toISOString();
  return (
    <>
      <SelectField
        label={texts.period}
        className="justify-items-start"
        value={days}
        choices={periods.map((one) => [one, texts.periods[one]] as const)}
        onChange={setDays}
      />
      <Section heading={texts.failures}>
        <Failures days={days} from={from} />
      </Section>
      <Section heading={texts.throughput}>
        <ThroughputTable days={days} from={from} />
      </Section>
    </>
  );
}

const periods = [1, 7, 30] as const;

function Section({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <h2 className="text-lg font-semibold">{heading}</h2>
      {children}
    </section>
  );
}

function Tile({ name, value, more }: { name: string; value: string; more?: string | undefined }) {
  return (
    <div className="card p-4">
      <dt className="text-sm text-soft">{name}</dt>
      <dd className="mt-1 text-xl font-semibold tabular-nums">
        {value}
        <span className="block min-h-5 text-sm font-normal text-soft">{more}</span>
      </dd>
    </div>
  );
}

function People({ label, people }: { label: string; people: readonly (readonly [string, string])[] }) {
  return (
    <details className="card px-4 py-2">
      <summary className="flex min-h-11 items-center">{label}</summary>
      <ul aria-label={label} className="grid gap-1 pb-2 text-sm">
        {people.map(([userId, what]) => (
          <li key={userId} className="flex flex-wrap gap-x-3 tabular-nums">
            <PersonLink userId={userId} /> {what}
          </li>
        ))}
      </ul>
    </details>
  );
}
