import { Badge, createTheme, Notification, SegmentedControl, type CSSVariablesResolver } from "@mantine/core";

export const theme = createTheme({
  primaryColor: "cyan",
  primaryShade: 9,
  defaultRadius: "md",
  respectReducedMotion: true,
  cursorType: "pointer",
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif',
  headings: { fontWeight: "650" },
  components: {
    Badge: Badge.extend({ styles: { root: { textTransform: "none" }, label: { fontWeight: 600 } } }),
    // On a dark page its ground is the page's.
    SegmentedControl: SegmentedControl.extend({ styles: { root: { border: "1px solid var(--mantine-color-default-border)" } } }),
    Notification: Notification.extend({ defaultProps: { closeButtonProps: { "aria-label": "Close" } }, styles: { description: { color: "var(--mantine-color-dimmed)" } } }),
  },
});

/** Text that steps back a little is still text: 4.5 to 1 on each background. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: { "--mantine-color-error": "#c92a2a", "--mantine-color-dimmed": "#566069", "--mantine-color-placeholder": "#646e77" },
  dark: { "--mantine-color-text": "#e4e6ea", "--mantine-color-error": "#ff8787", "--mantine-color-dimmed": "#adb3bd", "--mantine-color-placeholder": "#9aa1ab" },
});
