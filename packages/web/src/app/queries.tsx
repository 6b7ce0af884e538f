import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { jobChanges } from "../rows/jobs.ts";
import { session } from "../session/session.ts";

// The client itself tries again, as patiently as the service asks for; what it gives up is told.
const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: false, staleTime: 2_000, networkMode: "always" } },
});
session.subscribe(() => session.get().status !== "signed-in" && queryClient.clear());

/** What pages that ask with queries stand in; the home page does not, and need not carry them. */
export function Queries({ children }: { children: ReactNode }) {
  useEffect(() => jobChanges.subscribe(() => void queryClient.invalidateQueries({ queryKey: ["jobs"] })), []);
  return <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>;
}
