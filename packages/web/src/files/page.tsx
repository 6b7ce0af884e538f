import type { StoredFile } from "@t2m/contract/files";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { Queries } from "../app/queries.tsx";
import type { FilesSearch } from "../app/router.tsx";
import { useTitle } from "../app/use-title.ts";
import { searchWords } from "../history/filter.ts";
import { dateTimeText, sizeText } from "../lib/format.ts";
import { record } from "../record/client.ts";
import { Asked, More, RecordTabs } from "../record/parts.tsx";
import { useSettled } from "../record/settled.ts";
import { text } from "../text.ts";
import { recordText } from "../text-record.ts";
import { Button } from "../ui/button.tsx";
import { SearchField, SelectField } from "../ui/fields.tsx";
import { Message } from "../ui/message.tsx";
import { BatchMaker } from "./batch-maker.tsx";

const pageSize = 50;
const lookAgainMs = 5_000;

/** All files that are stored, what was uploaded and what came of it; several can be converted at once. */
export function FilesPage() {
  useTitle(recordText.files.heading);
  const filter = useSearch({ from: "/files" });
  return (
    <Queries>
      <h1 className="mb-3 text-2xl font-bold tracking-tight sm:text-3xl">{recordText.files.heading}</h1>
      <RecordTabs />
      <Narrowing filter={filter} />
      <Listed filter={filter} />
    </Queries>
  );
}

function Narrowing({ filter }: { filter: FilesSearch }) {
  const navigate = useNavigate({ from: "/files" });
  const change = (changes: FilesSearch) =>
    void navigate({ search: { ...filter, ...changes }, replace: true });
  return (
    <search className="mb-6 grid gap-3 sm:grid-cols-[1fr_auto]">
      <SearchField label={text.history.search} value={filter.q} onChange={(q) => change({ q })} />
      <SelectField
        label={text.history.kind}
        value={filter.kind ?? ""}
        choices={[
          ["", recordText.files.all],
          ["source", recordText.files.sources],
          ["main", recordText.files.results],
        ]}
        onChange={(kind) => change({ kind })}
      />
    </search>
  );
}

function Listed({ filter: { q, kind } }: { filter: FilesSearch }) {
  const search = searchWords(useSettled(q));
  const question = useInfiniteQuery({
    queryKey: ["files", "list", search, kind],
    initialPageParam: "",
    queryFn: ({ pageParam: cursor, signal }) =>
      record.listFiles({
        query: {
          limit: pageSize,
          ...(search && { search }),
          ...((kind === "source" || kind === "main") && { kind }),
          ...(cursor && { cursor }),
        },
        signal,
      }),
    getNextPageParam: ({ cursor }) => cursor,
    placeholderData: keepPreviousData,
    // Each look asks for every page that is shown.
    refetchInterval: ({ state }) => lookAgainMs * (state.data?.pages.length ?? 1),
    refetchOnWindowFocus: true,
  });
  return (
    <Asked question={question} rows={4}>
      {({ pages }) => (
        <>
          <Files files={pages.flatMap(({ items }) => items)} isNarrow={Boolean(search || kind)} />
          <More list={question} />
        </>
      )}
    </Asked>
  );
}

function Files({ files, isNarrow }: { files: readonly StoredFile[]; isNarrow: boolean }) {
  const navigate = useNavigate({ from: "/files" });
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const sources = useMemo(() => files.filter(({ uploadId }) => uploadId !== undefined), [files]);
  const chosen = sources.filter(({ id }) => ids.has(id));
  if (files.length === 0) {
    return isNarrow ? (
      <Message heading={text.history.noMatch} body={recordText.files.noMatchBody}>
        <Button onClick={() => void navigate({ search: {}, replace: true })}>{text.history.reset}</Button>
      </Message>
    ) : (
      <Message heading={recordText.files.empty} body={recordText.files.emptyBody}>
        <Link to="/" className="button button-main">
          {text.notFound.home}
        </Link>
      </Message>
    );
  }
  const toggle = (id: string) => {
    const next = new Set(ids);
    if (!next.delete(id)) next.add(id);
    setIds(next);
  };
  return (
    <>
      {sources.length > 0 && (
        <BatchMaker
          sources={sources}
          chosen={chosen}
          onChooseAll={(all) => setIds(new Set(all ? sources.map(({ id }) => id) : []))}
        />
      )}
      <ul aria-label={recordText.files.heading} className="card divide-y divide-line">
        {files.map((file) => (
          <FileRow
            key={file.id}
            file={file}
            isChosen={ids.has(file.id)}
            onToggle={file.uploadId ? () => toggle(file.id) : undefined}
          />
        ))}
      </ul>
    </>
  );
}

function FileRow({
  file: { id, name, kind, sizeBytes, createdAt },
  isChosen,
  onToggle,
}: {
  file: StoredFile;
  isChosen: boolean;
  onToggle: (() => void) | undefined;
}) {
  return (
    <li aria-label={name} className="flex items-center gap-1 pe-3 sm:pe-4">
      <span className="grid size-12 shrink-0 place-items-center">
        {onToggle && (
          <label className="grid size-11 cursor-pointer place-items-center">
            <span className="sr-only">{recordText.files.choose(name)}</span>
            <input type="checkbox" className="size-5 accent-accent" checked={isChosen} onChange={onToggle} />
          </label>
        )}
      </span>
      <div className="min-w-0 py-3">
        <Link
          to="/files/$fileId"
          params={{ fileId: id }}
          className="line-clamp-2 font-semibold underline-offset-4 hover:underline"
        >
          <bdi>{name}</bdi>
        </Link>
        <p className="text-sm text-soft tabular-nums">
          {recordText.files.kinds[kind] ?? kind} · {sizeText(sizeBytes)} · {dateTimeText(createdAt)}
        </p>
      </div>
    </li>
  );
}
