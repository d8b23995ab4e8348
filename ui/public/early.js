// Runs before everything else on the page.

// The theme is known before the first paint, so that nobody in the dark is blinded by a white page.
{
  let chosen = null;
  try {
    chosen = localStorage.getItem("theme");
  } catch {
    // Storage may be forbidden; then the system decides.
  }
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

// Who opens a session gets the scripts of the player beside those of the page, and not behind them.
if (/^\/sessions\/./.test(location.pathname)) {
  for (const href of (document.currentScript.dataset.player ?? "").split(" ").filter(Boolean)) {
    const link = document.createElement("link");
    Object.assign(link, { rel: "modulepreload", href });
    document.head.append(link);
  }
}
