import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./app.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { setNonce } from "get-nonce";
import { App } from "./App";
import { renderPerFrame } from "./shell/perFrame";
import { styleNonce } from "./shell/styleNonce";

// For what keeps the page behind a dialog from scrolling.
setNonce(styleNonce());
renderPerFrame();

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
