// Files to be saved. They are fetched with the token, which no link carries, and are never shown.

import { Refusal, expected, headers, signedOut, url } from "./api.js";
import { h, put } from "./dom.js";
import { problemNote } from "./dialog.js";
import { plain } from "./text.js";

/** Has the browser save `blob`. */
export function save(blob, name) {
  const link = h("a", { download: plain(name), hidden: true });
  link.href = URL.createObjectURL(blob);
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** A button that saves what the daemon has at `path`. */
export function downloadButton(path, name) {
  const problem = h("div", { role: "alert" });
  const button = h("button", {
    class: "quiet small", "aria-label": `Download ${name}`, onclick: async () => {
      button.disabled = true;
      put(problem);
      try {
        save(await fetched(path), name);
      } catch (error) {
        expected(error);
        put(problem, problemNote(error));
      } finally {
        button.disabled = false;
      }
    },
  }, "Download");
  return [button, problem];
}

async function fetched(path) {
  let response;
  try {
    response = await fetch(url(path), { headers: headers(), cache: "no-store", redirect: "error", credentials: "same-origin" });
    if (response.ok) return await response.blob();
  } catch {
    throw new Refusal(0, { detail: "the daemon does not answer", code: "unreachable" });
  }
  const refusal = new Refusal(response.status, await response.json().catch(() => null));
  if (response.status === 401) signedOut(refusal);
  throw refusal;
}
