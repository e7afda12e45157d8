import { MantineProvider, localStorageColorSchemeManager } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { session } from "./session/session";
import { SignInPage } from "./session/SignInPage";
import { useSession } from "./session/useSession";
import { ErrorBoundary } from "./shell/ErrorBoundary";
import { SignedInApp } from "./shell/SignedInApp";
import { cssVariables, theme } from "./shell/theme";
import { styleNonce } from "./shell/styleNonce";

const colorSchemes = localStorageColorSchemeManager({ key: "clinic.color-scheme" });

export function App() {
  const who = useSession();
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} colorSchemeManager={colorSchemes} defaultColorScheme="auto" getStyleNonce={styleNonce}>
      <Notifications position="bottom-right" limit={4} autoClose={6_000} zIndex={400} />
      <ErrorBoundary>
        {who ? <SignedInApp key={`${who.tenant}\n${who.user}`} who={who} /> : <SignInPage onSignIn={(one) => session.signIn(one)} />}
      </ErrorBoundary>
    </MantineProvider>
  );
}
