import { useQuery } from "@tanstack/react-query";
import { config } from "../session/config.ts";
import { record } from "./client.ts";

/** Who asks, as the record knows them. */
export const useMe = () =>
  useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => record.getMe({ signal }),
    staleTime: 60_000,
    enabled: config().hasRecord,
  });
