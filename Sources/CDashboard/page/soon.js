// Parts of a page whose code comes when they are looked at first.

import { h, put } from "./dom.js";
import { loading, problemNote } from "./dialog.js";

/** A place for what `draw` makes of the module that `load` fetches. */
export function soon(load, draw) {
  const place = h("div", { class: "stack" }, loading("what changes"));
  const show = async () => {
    let module;
    try {
      module = await load();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return put(place, problemNote(new Error("this part of the page could not be fetched"), h("button", { onclick: show }, "Try again")));
    }
    put(place, draw(module));
  };
  show();
  return place;
}
