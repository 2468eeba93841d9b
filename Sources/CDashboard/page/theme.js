// Before the first paint, which a module would be too late for.
{
  let choice = null;
  try {
    choice = localStorage.getItem("execution_theme");
  } catch {
    // Without storage the system's theme is as good.
  }
  if (choice === "light" || choice === "dark") document.documentElement.dataset.theme = choice;
}
