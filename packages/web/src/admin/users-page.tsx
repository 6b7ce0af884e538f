import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useId } from "react";
import { searchWords } from "../history/filter.ts";
import { dateTimeText } from "../lib/format.ts";
import { record } from "../record/client.ts";
import { Asked, More } from "../record/parts.tsx";
import { useSettled } from "../record/settled.ts";
import { text } from "../text.ts";
import { recordText } from "../text-record.ts";
import { Message } from "../ui/message.tsx";
import { AdminFrame } from "./frame.tsx";

const texts = recordText.admin;

/** Everybody, newest first. */
export function UsersPage() {
  return (
    <AdminFrame heading={texts.users}>
      <Search />
      <Listed />
    </AdminFrame>
  );
}

function Search() {
  const { q } = useSearch({ from: "/admin/users" });
  const navigate = useNavigate({ from: "/admin/users" });
  const searchId = useId();
  return (
    <search className="mb-6 grid gap-1">
      <label htmlFor={searchId} className="text-sm font-medium">
        {texts.searchUsers}
      </label>
      <input
        id={searchId}
        type="search"
        className="field w-full"
        value={q ?? ""}
        onChange={({ target }) => void navigate({ search: { q: target.value }, replace: true })}
      />
    </search>
  );
}

function Listed() {
  const { q } = useSearch({ from: "/admin/users" });
  const search = searchWords(useSettled(q));
  const question = useInfiniteQuery({
    queryKey: ["admin", "users", search],
    initialPageParam: "",
    queryFn: ({ pageParam: cursor, signal }) =>
      record.listUsers({
        query: { limit: 50, ...(search && { search }), ...(cursor && { cursor }) },
        signal,
      }),
    getNextPageParam: ({ cursor }) => cursor,
    placeholderData: keepPreviousData,
  });
  return (
    <Asked question={question}>
      {({ pages }) => {
        const users = pages.flatMap(({ items }) => items);
        if (users.length === 0) return <Message heading={texts.nobody} body={texts.nobodyBody} />;
        return (
          <>
            <ul aria-label={texts.users} className="card divide-y divide-line">
              {users.map(({ id, name, email, role, createdAt, lastSeenAt, suspendedAt }) => (
                <li key={id} aria-label={name ?? email ?? id} className="px-4 py-3">
                  <Link
                    to="/admin/users/$userId"
                    params={{ userId: id }}
                    className="font-semibold underline-offset-4 hover:underline"
                  >
                    <bdi>{name ?? email ?? text.account.unknown}</bdi>
                  </Link>
                  <p className="text-sm text-soft tabular-nums">
                    {[
                      suspendedAt && texts.suspended,
                      texts.roles[role],
                      name && email,
                      texts.joined(dateTimeText(createdAt)),
                      lastSeenAt && texts.seen(dateTimeText(lastSeenAt)),
                    ]
                      .filter(Boolean)
                      .join(" · ")}
                  </p>
                </li>
              ))}
            </ul>
            <More
              hasMore={question.hasNextPage}
              isLoading={question.isFetchingNextPage}
              isFailed={question.isFetchNextPageError}
              onMore={() => void question.fetchNextPage()}
            />
          </>
        );
      }}
    </Asked>
  );
}
