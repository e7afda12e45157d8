import { QueryClient } from "@tanstack/react-query";
import { Problem } from "./problem";
import { setWriteDefaults } from "../writes/writes";

/** What was loaded is kept until the user signs out, in memory alone: reading goes on without a connection, and nothing clinical is left on the machine. */
export function makeQueryClient(): QueryClient {
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        gcTime: Infinity,
        // Events keep what is on show true; what they may have missed is invalidated.
        staleTime: Infinity,
        retry: (failures, error) => failures < 5 && error instanceof Problem && error.passing,
        refetchOnWindowFocus: false,
      },
    },
  });
  setWriteDefaults(queries);
  return queries;
}
