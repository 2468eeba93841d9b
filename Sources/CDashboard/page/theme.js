// Before the first paint, so that no page flashes in the other theme. Not a module: modules run after the page is there.
{
  let choice = null;
  try {
    choice = localStorage.getItem("execution_theme");
  } catch {
    // Storage may be forbidden; the system's theme is as good.
  }
  if (choice === "light" || choice === "dark") document.documentElement.dataset.theme = choice;
}
