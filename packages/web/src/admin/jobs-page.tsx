import type { SupportJob } from "@t2m/contract/admin";
import { jobStatuses } from "@t2m/contract/job-status";
import { keepPreviousData, useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { dateTimeText, percentText } from "../lib/format.ts";
import { problemText } from "../lib/problem.ts";
import { usePresetTitle } from "../presets/list.ts";
import { record } from "../record/client.ts";
import { useMe } from "../record/me.ts";
import { Asked, More } from "../record/parts.tsx";
import { useSettled } from "../record/settled.ts";
import { isFinal } from "../rows/jobs.ts";
import { client } from "../session/client.ts";
import { text } from "../text.ts";
import { recordText } from "../text-record.ts";
import { Button } from "../ui/button.tsx";
import { SearchField, SelectField } from "../ui/fields.tsx";
import { Message, Problem } from "../ui/message.tsx";
import { AdminFrame } from "./frame.tsx";
import { PersonLink } from "./person-link.tsx";

const texts = recordText.admin;
const lookAgainMs = 10_000;

/** Everybody's conversions: how they go, and nothing of what they are about. */
export function AdminJobsPage() {
  return (
    <AdminFrame heading={texts.jobs}>
      <Narrowing />
      <Listed />
    </AdminFrame>
  );
}

function Narrowing() {
  const filter = useSearch({ from: "/admin/jobs" });
  const navigate = useNavigate({ from: "/admin/jobs" });
  const narrow = (search: typeof filter) => void navigate({ search, replace: true });
  return (
    <search className="mb-4 grid gap-3 sm:grid-cols-[auto_1fr] sm:items-end">
      <SelectField
        label={text.history.state}
        value={filter.state ?? ""}
        choices={[
          ["", text.history.allStates],
          ...jobStatuses.map((one) => [one, text.statuses[one]] as const),
        ]}
        onChange={(state) => narrow({ ...filter, state })}
      />
      <SearchField
        label={texts.code}
        placeholder="media.unrecognized"
        value={filter.code}
        onChange={(code) => narrow({ ...filter, code })}
      />
      {filter.user && (
        <p className="flex flex-wrap items-center gap-3 text-sm sm:col-span-2">
          {texts.oneUser}: <PersonLink userId={filter.user} />
          <Button
            small
            onClick={() => {
              const { user: _, ...rest } = filter;
              narrow(rest);
            }}
          >
            {texts.everybody}
          </Button>
        </p>
      )}
      <p className="text-sm text-soft sm:col-span-2">{texts.privacy}</p>
    </search>
  );
}

function Listed() {
  const { state, code, user } = useSearch({ from: "/admin/jobs" });
  const status = jobStatuses.find((known) => known === state);
  const failureCode = /^[a-z][a-z0-9._-]{0,59}$/.exec(useSettled(code) ?? "")?.[0];
  const question = useInfiniteQuery({
    queryKey: ["admin", "jobs", status, failureCode, user],
    initialPageParam: "",
    queryFn: ({ pageParam: cursor, signal }) =>
      record.listAllJobs({
        query: {
          limit: 50,
          ...(status && { status }),
          ...(failureCode && { failureCode }),
          ...(user && { userId: user }),
          ...(cursor && { cursor }),
        },
        signal,
      }),
    getNextPageParam: ({ cursor }) => cursor,
    placeholderData: keepPreviousData,
    // Each look asks for every page that is shown.
    refetchInterval: ({ state: { data } }) => lookAgainMs * (data?.pages.length ?? 1),
  });
  const cancel = useMutation({
    mutationFn: ({ id: jobId, userId }: SupportJob) => client.cancelForUser({ params: { userId, jobId } }),
    onSuccess: () => question.refetch(),
  });
  return (
    <Asked question={question} rows={4}>
      {({ pages }) => {
        const jobs = pages.flatMap(({ items }) => items);
        if (jobs.length === 0) return <Message heading={texts.noJobs} body={texts.noJobsBody} />;
        return (
          <>
            {cancel.error && <Problem>{problemText(cancel.error)}</Problem>}
            <ul aria-label={texts.jobs} className="card divide-y divide-line">
              {jobs.map((job) => (
                <JobRow key={job.id} job={job} onCancel={() => cancel.mutate(job)} />
              ))}
            </ul>
            <More list={question} />
          </>
        );
      }}
    </Asked>
  );
}

function JobRow({ job, onCancel }: { job: SupportJob; onCancel: () => void }) {
  const { id, userId, kind, preset, status, percent, failureCode, createdAt } = job;
  const { data: me } = useMe();
  const title = usePresetTitle(preset ?? kind);
  return (
    <li data-job={id} data-status={status} className="flex flex-wrap items-center gap-3 px-4 py-3">
      <div className="me-auto min-w-0">
        <p className="font-medium tabular-nums">
          {title} · <span className={tones[status] ?? ""}>{text.statuses[status]}</span>
          {status === "running" && ` · ${percentText(percent)}`}
          {failureCode && <span className="font-mono text-sm"> · {failureCode}</span>}
        </p>
        <p className="text-sm text-soft tabular-nums">
          <PersonLink userId={userId} /> · {dateTimeText(createdAt)} · <span className="font-mono">{id}</span>
        </p>
      </div>
      {!isFinal(job) && me?.permissions.includes("admin.manage") && (
        <Button small about={texts.jobOf(id)} onClick={onCancel}>
          {texts.cancelJob}
        </Button>
      )}
    </li>
  );
}

const tones: Partial<Record<SupportJob["status"], string>> = { completed: "text-good", failed: "text-bad" };
