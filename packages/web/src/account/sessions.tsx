import type { Session } from "@t2m/contract/people";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { announce } from "../lib/announce.ts";
import { dateTimeText } from "../lib/format.ts";
import { problemText } from "../lib/problem.ts";
import { record } from "../record/client.ts";
import { Asked, More } from "../record/parts.tsx";
import { client } from "../session/client.ts";
import { signOut } from "../session/session.ts";
import { recordText } from "../text-record.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/message.tsx";
import { deviceText } from "./device.ts";

/** Where somebody is signed in; any of it can be ended from here. */
export function Sessions() {
  const queries = useQueryClient();
  const question = useInfiniteQuery({
    queryKey: ["sessions"],
    initialPageParam: "",
    queryFn: ({ pageParam: cursor, signal }) =>
      record.listSessions({ query: { limit: 50, ...(cursor && { cursor }) }, signal }),
    getNextPageParam: ({ cursor }) => cursor,
  });
  const revoke = useMutation({
    mutationFn: ({ id }: Session) => client.revokeSession({ params: { sessionId: id } }),
    onSuccess: (_, { isCurrent }) => {
      if (isCurrent) return signOut();
      announce(recordText.account.ended);
      return queries.invalidateQueries({ queryKey: ["sessions"] });
    },
  });
  return (
    <section className="grid gap-3">
      <h2 className="text-lg font-semibold">{recordText.account.sessions}</h2>
      <p className="text-sm text-soft">{recordText.account.sessionsHint}</p>
      {revoke.error && <Problem>{problemText(revoke.error)}</Problem>}
      <Asked question={question} rows={1} isPart>
        {({ pages }) => (
          <ul aria-label={recordText.account.sessions} className="card divide-y divide-line">
            {pages
              .flatMap(({ items }) => items)
              .filter(isOpen)
              .map((session) => (
                <OneSession
                  key={session.id}
                  session={session}
                  isBusy={revoke.isPending}
                  onRevoke={() => revoke.mutate(session)}
                />
              ))}
          </ul>
        )}
      </Asked>
      {question.hasNextPage && <More list={question} />}
    </section>
  );
}

const isOpen = ({ revokedAt, expiresAt }: Session) =>
  revokedAt === undefined && Date.parse(expiresAt) > Date.now();

function OneSession({
  session: { userAgent, createdAt, lastSeenAt, isCurrent },
  isBusy,
  onRevoke,
}: {
  session: Session;
  isBusy: boolean;
  onRevoke: () => void;
}) {
  const device = deviceText(userAgent);
  const since = dateTimeText(createdAt);
  return (
    <li className="flex flex-wrap items-center gap-3 px-4 py-3">
      <div className="me-auto min-w-0">
        <p className="font-medium">
          {device}
          {isCurrent && (
            <span className="ms-2 rounded-full bg-good-tint px-2 py-0.5 text-sm font-normal text-good">
              {recordText.account.thisDevice}
            </span>
          )}
        </p>
        <p className="text-sm text-soft tabular-nums">
          {recordText.account.since(since, dateTimeText(lastSeenAt))}
        </p>
      </div>
      <Button
        small
        about={isCurrent ? recordText.account.thisDevice : recordText.account.deviceSince(device, since)}
        disabled={isBusy}
        onClick={onRevoke}
      >
        {recordText.account.end}
      </Button>
    </li>
  );
}
