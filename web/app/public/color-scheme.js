// Sets the colours before the first paint, so that a dark room stays dark.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("clinic.color-scheme");
  } catch {
    // Storage is switched off: the system decides.
  }
  var dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
