import type { Job } from "@t2m/contract/jobs";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { isFinal, putJob, watchJob } from "../rows/jobs.ts";
import { client } from "../session/client.ts";

const pageSize = 100;
const lookAgainMs = 5_000;

/** One's jobs, newest first, page by page. Those under way are kept up to date by their own stores. */
export function useHistory() {
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } =
    useInfiniteQuery({
      queryKey: ["jobs"],
      initialPageParam: "",
      queryFn: ({ pageParam: cursor, signal }) =>
        client.listJobs({ query: { limit: pageSize, ...(cursor && { cursor }) }, signal }),
      getNextPageParam: ({ cursor }) => cursor,
      // Each look asks for every page that is shown.
      refetchInterval: ({ state }) => lookAgainMs * (state.data?.pages.length ?? 1),
      refetchOnWindowFocus: true,
    });
  const jobs = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? [], [data]);
  useEffect(() => {
    for (const job of jobs) putJob(job);
    const open = jobs.filter((job) => !isFinal(job)).map(({ id }) => watchJob(id));
    return () => {
      for (const stop of open) stop();
    };
  }, [jobs]);
  return {
    jobs: jobs as readonly Job[],
    error,
    isLoading: isPending,
    hasMore: hasNextPage,
    isLoadingMore: isFetchingNextPage,
    loadMore: fetchNextPage as () => void,
    refetch: () => void refetch(),
  };
}
