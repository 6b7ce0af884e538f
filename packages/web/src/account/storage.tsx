import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { dateTimeText, sizeText, untilText } from "../lib/format.ts";
import { problemText } from "../lib/problem.ts";
import { text } from "../text.ts";
import { Button } from "../ui/button.tsx";
import { Message, Placeholder } from "../ui/message.tsx";
import { type Stored, type StoredThing, storedThings } from "./stored.ts";

/** What is stored of theirs at this moment, and until when. The live plane knows it. */
export function Storage() {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["jobs", "stored"],
    queryFn: ({ signal }) => storedThings(signal),
  });
  if (isPending) return <Placeholder label={text.loading} rows={2} />;
  if (error) {
    return (
      <Message heading={text.problem.heading} body={problemText(error)}>
        <Button look="main" onClick={() => void refetch()}>
          {text.tryAgain}
        </Button>
      </Message>
    );
  }
  return (
    <>
      <Sums stored={data} />
      <Expiring things={data.things} />
    </>
  );
}

function Sums({ stored: { sources, results } }: { stored: Stored }) {
  const sums = [
    [text.account.sources, sources],
    [text.account.results, results],
    [text.account.total, { bytes: sources.bytes + results.bytes, count: sources.count + results.count }],
  ] as const;
  return (
    <section className="grid gap-3">
      <h2 className="text-lg font-semibold">{text.account.storage}</h2>
      <dl className="grid gap-3 sm:grid-cols-3">
        {sums.map(([name, { bytes, count }]) => (
          <div key={name} className="card p-4">
            <dt className="text-sm text-soft">{name}</dt>
            <dd className="mt-1 text-xl font-semibold tabular-nums">
              {sizeText(bytes)}
              <span className="block text-sm font-normal text-soft">{text.account.files(count)}</span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Expiring({ things }: { things: readonly StoredThing[] }) {
  return (
    <section className="grid gap-3">
      <h2 className="text-lg font-semibold">{text.account.expiring}</h2>
      {things.length === 0 && <p className="text-soft">{text.account.nothing}</p>}
      {things.length > 0 && (
        <ul aria-label={text.account.expiring} className="card divide-y divide-line">
          {things.map(({ key, name, bytes, expiresAt, jobId }) => (
            <li
              key={key}
              className="lazy-row flex [contain-intrinsic-block-size:auto_3rem] flex-wrap gap-x-4 px-4 py-3"
            >
              <p className="me-auto min-w-0">
                {jobId ? (
                  <Link to="/jobs/$jobId" params={{ jobId }} className="underline-offset-4 hover:underline">
                    <bdi>{name}</bdi>
                  </Link>
                ) : (
                  <bdi>{name}</bdi>
                )}{" "}
                <span className="text-sm text-soft tabular-nums">{sizeText(bytes)}</span>
              </p>
              <p className="text-sm text-soft">
                <time dateTime={expiresAt} title={dateTimeText(expiresAt)}>
                  {untilText(expiresAt)}
                </time>
              </p>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
