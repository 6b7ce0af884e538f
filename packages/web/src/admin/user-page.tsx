import { ApiProblem } from "@t2m/client/problem";
import type { UserUsage } from "@t2m/contract/admin";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Numbers } from "../account/usage.tsx";
import { dateTimeText, sizeText } from "../lib/format.ts";
import { record } from "../record/client.ts";
import { Asked, More } from "../record/parts.tsx";
import { text } from "../text.ts";
import { recordText } from "../text-record.ts";
import { Message } from "../ui/message.tsx";
import { Access } from "./access.tsx";
import { AdminFrame } from "./frame.tsx";
import { Suspension } from "./suspension.tsx";

const texts = recordText.admin;

/** Somebody: what they use, what was done in their account, what they may do. Nothing of what they convert. */
export function UserPage() {
  return (
    <AdminFrame heading={texts.person}>
      <OneUser />
    </AdminFrame>
  );
}

function OneUser() {
  const { userId } = useParams({ from: "/admin/users/$userId" });
  const question = useQuery({
    queryKey: ["admin", "user", userId],
    queryFn: ({ signal }) => record.getUser({ params: { userId }, signal }),
  });
  const { error } = question;
  if (error instanceof ApiProblem && error.status < 500) {
    return <Message heading={text.notFound.heading} body={texts.personGone} />;
  }
  return <Asked question={question}>{(user) => <Shown user={user} />}</Asked>;
}

function Shown({ user: { profile, statistics } }: { user: UserUsage }) {
  const { id, name, email, role, createdAt, lastSeenAt } = profile;
  const facts = [
    texts.roles[role],
    texts.joined(dateTimeText(createdAt)),
    lastSeenAt && texts.seen(dateTimeText(lastSeenAt)),
  ];
  const { storedBytes, storedFiles } = statistics;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
      <header className="card flex flex-wrap items-center gap-3 p-4">
        <div className="me-auto min-w-0">
          <h2 className="text-lg font-semibold">
            <bdi>{name ?? email ?? text.account.unknown}</bdi>
          </h2>
          {name && email && <p className="text-soft">{email}</p>}
          <p className="text-sm text-soft tabular-nums">{facts.filter(Boolean).join(" · ")}</p>
          <p className="font-mono text-sm text-soft">{id}</p>
        </div>
        <Link to="/admin/jobs" search={{ user: id }} className="button button-plain">
          {texts.theirJobs}
        </Link>
      </header>
      <section className="grid gap-3">
        <h2 className="text-lg font-semibold">{texts.usage}</h2>
        <Numbers statistics={statistics} />
        <p className="text-sm text-soft tabular-nums">
          {texts.stored}: {sizeText(storedBytes)}, {texts.files(storedFiles)}
        </p>
      </section>
      <Access key={`${role} ${profile.permissions.join()}`} profile={profile} />
      <Suspension profile={profile} />
      <ActivityList userId={id} />
    </div>
  );
}

function ActivityList({ userId }: { userId: string }) {
  const question = useInfiniteQuery({
    queryKey: ["admin", "activity", userId],
    initialPageParam: "",
    queryFn: ({ pageParam: cursor, signal }) =>
      record.listUserActivity({
        params: { userId },
        query: { limit: 20, ...(cursor && { cursor }) },
        signal,
      }),
    getNextPageParam: ({ cursor }) => cursor,
  });
  return (
    <section className="grid gap-3">
      <h2 className="text-lg font-semibold">{texts.activity}</h2>
      <Asked question={question} rows={1}>
        {({ pages }) => {
          const acts = pages.flatMap(({ items }) => items);
          if (acts.length === 0) return <p className="text-soft">{texts.noActivity}</p>;
          return (
            <>
              <ol aria-label={texts.activity} className="card divide-y divide-line text-sm">
                {acts.map(({ id, at, action, by }) => (
                  <li key={id} className="flex flex-wrap gap-x-3 px-4 py-2">
                    <span className="me-auto font-mono">{action}</span>
                    <span className="text-soft tabular-nums">
                      {by === "support" && `${texts.bySupport} · `}
                      {dateTimeText(at)}
                    </span>
                  </li>
                ))}
              </ol>
              {question.hasNextPage && <More list={question} />}
            </>
          );
        }}
      </Asked>
    </section>
  );
}
