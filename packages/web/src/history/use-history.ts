import type { PastJob } from "@t2m/contract/history";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { record } from "../record/client.ts";
import { isFinal, putJob, watchJob } from "../rows/jobs.ts";
import { client } from "../session/client.ts";
import { config } from "../session/config.ts";
import { asPast, type Filter, narrowed, questionOf, withNewer } from "./filter.ts";

const pageSize = 50;
const livePageSize = 100;
const lookAgainMs = 5_000;
const lookAgainAtRestMs = 30_000;

/**
 * One's jobs, newest first, page by page: all that the record has, and on top what is newer than it. Where the record
 * does not answer, or the stage keeps none, what the live plane still knows.
 */
export function useHistory(filter: Filter) {
  const past = usePast(filter);
  const live = useLive();
  // While it is asked again there is no error for the moment, and yet nothing to show.
  const isAway = past.data === undefined && past.errorUpdateCount > 0;
  const isLive = isAway || !config().hasRecord;
  const pages = past.data?.pages;
  const hasMorePast = past.hasNextPage;
  const jobs = useMemo(() => {
    const recent = narrowed((live.data?.pages.flatMap(({ items }) => items) ?? []).map(asPast), filter);
    if (!pages) return recent;
    return withNewer(
      pages.flatMap(({ items }) => items),
      recent,
      hasMorePast,
    );
  }, [live.data, pages, hasMorePast, filter]);
  useWatched(jobs);
  return {
    jobs,
    isLoading: isLive ? live.isPending && live.errorUpdateCount === 0 : past.isPending,
    /** Nothing at all can be shown. */
    isNothing: isLive && live.data === undefined,
    isAway: isAway || past.error !== null,
    /** What the pages come from. */
    list: isLive ? live : past,
    refetch: () => {
      if (config().hasRecord) void past.refetch();
      void live.refetch();
    },
  };
}

function usePast(filter: Filter) {
  return useInfiniteQuery({
    queryKey: ["jobs", "past", filter],
    enabled: config().hasRecord,
    initialPageParam: "",
    queryFn: ({ pageParam: cursor, signal }) =>
      record.listHistory({
        query: { limit: pageSize, ...questionOf(filter), ...(cursor && { cursor }) },
        signal,
      }),
    getNextPageParam: ({ cursor }) => cursor,
    placeholderData: keepPreviousData,
    // Each look asks for every page that is shown.
    refetchInterval: ({ state: { data } }) => {
      if (!data) return lookAgainMs;
      const isMoving = data.pages.some(({ items }) => items.some((job) => !isFinal(job)));
      return (isMoving ? lookAgainMs : lookAgainAtRestMs) * data.pages.length;
    },
    refetchOnWindowFocus: true,
  });
}

function useLive() {
  const live = useInfiniteQuery({
    queryKey: ["jobs", "live"],
    initialPageParam: "",
    queryFn: ({ pageParam: cursor, signal }) =>
      client.listJobs({ query: { limit: livePageSize, ...(cursor && { cursor }) }, signal }),
    getNextPageParam: ({ cursor }) => cursor,
    refetchInterval: ({ state }) => lookAgainMs * (state.data?.pages.length ?? 1),
    refetchOnWindowFocus: true,
  });
  const { data } = live;
  useEffect(() => {
    for (const { items } of data?.pages ?? []) items.forEach(putJob);
  }, [data]);
  return live;
}

/** Those under way move by their own stores. What still stands in a batch's line is not in the live plane yet. */
function useWatched(jobs: readonly PastJob[]): void {
  const open = jobs
    .filter((job) => !isFinal(job) && !(job.batchId && job.status === "queued"))
    .map(({ id }) => id)
    .join(" ");
  useEffect(() => {
    if (open === "") return;
    const stops = open.split(" ").map(watchJob);
    return () => {
      for (const stop of stops) stop();
    };
  }, [open]);
}
