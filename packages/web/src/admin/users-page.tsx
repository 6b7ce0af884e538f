import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { searchWords } from "../history/filter.ts";
import { dateTimeText } from "../lib/format.ts";
import { record } from "../record/client.ts";
import { Asked, More } from "../record/parts.tsx";
import { useSettled } from "../record/settled.ts";
import { text } from "../text.ts";
import { recordText } from "../text-record.ts";
import { SearchField } from "../ui/fields.tsx";
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
  return (
    <search className="mb-6 grid">
      <SearchField
        label={texts.searchUsers}
        value={q}
        onChange={(wanted) => void navigate({ search: { q: wanted }, replace: true })}
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
            <More list={question} />
          </>
        );
      }}
    </Asked>
  );
}
