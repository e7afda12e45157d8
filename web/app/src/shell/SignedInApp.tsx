import { sharedWorker } from "@clinic/realtime/shared";
import { RealtimeProvider } from "@clinic/realtime-react";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { router } from "../router";
import { makeQueryClient } from "../server/queries";
import { session, type SignedIn } from "../session/session";
import { MeContext } from "../session/useSession";
import { keepWrites } from "../writes/keptWrites";
import { ConnectionTold } from "./ConnectionTold";

/** Everything of one user: their connection and what was loaded end with them. */
export function SignedInApp({ who }: { who: SignedIn }) {
  const [queries] = useState(makeQueryClient);
  useEffect(() => keepWrites(queries), [queries]);
  return (
    <MeContext value={who}>
      <QueryClientProvider client={queries}>
        <RealtimeProvider
          options={{
            url: "",
            tenant: who.tenant,
            token: ({ reason }) => (reason === "connect" ? session.token() : session.freshToken()),
            sharing: sharedWorker(),
          }}
        >
          <ConnectionTold />
          <RouterProvider router={router} />
        </RealtimeProvider>
      </QueryClientProvider>
    </MeContext>
  );
}
