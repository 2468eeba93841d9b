/// What is asked of a document. Each is a function that runs in a world of its own beside the page's: the page's scripts
/// cannot change what its words mean there, and do not see it.
enum PageScripts {
    /// Finds an element: the first that can be seen, otherwise the first.
    private static let find = """
        const all = (selector) => {
          try { return [...document.querySelectorAll(selector)]; }
          catch (error) { return null; }
        };
        const isSeen = (element) => {
          const box = element.getBoundingClientRect();
          if (box.width <= 0 || box.height <= 0) return false;
          return element.checkVisibility({ visibilityProperty: true, opacityProperty: false });
        };
        const pick = (list) => list.slice(0, 1000).find(isSeen) ?? list[0];
        """

    /// Where to click: `{invalid}`, `{count, seen, disabled, x, y, box, covered}`.
    static let place = """
        (selector) => {
          \(find)
          const list = all(selector);
          if (list === null) return { invalid: true };
          if (list.length === 0) return { count: 0 };
          const element = pick(list);
          if (!isSeen(element)) return { count: list.length, seen: false };
          element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
          const box = element.getBoundingClientRect();
          const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
          const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
          const x = (left + right) / 2, y = (top + bottom) / 2;
          const answer = { count: list.length, seen: right > left && bottom > top, x, y,
            disabled: element.matches(":disabled"),
            box: { x: box.left + scrollX, y: box.top + scrollY, width: box.width, height: box.height } };
          let hit = document.elementFromPoint(x, y);
          while (hit?.shadowRoot && !element.contains(hit)) {
            const inner = hit.shadowRoot.elementFromPoint(x, y);
            if (!inner || inner === hit) break;
            hit = inner;
          }
          const host = hit?.getRootNode()?.host;
          const isHit = hit && (element.contains(hit) || hit.contains(element) && hit.matches("label, a, button")
            || host && element.contains(host) || hit.closest("label")?.control === element);
          if (!isHit && hit) {
            answer.covered = hit.tagName.toLowerCase() + (hit.id ? "#" + String(hit.id).slice(0, 40) : "");
          } else if (!hit) {
            answer.seen = false;
          }
          return answer;
        }
        """

    /// Where a frame's own document begins in this one: `{x, y}`; scrolls it into view when it is told to.
    static let frameOffset = """
        function (scrolls) {
          if (scrolls) this.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
          const box = this.getBoundingClientRect(), style = getComputedStyle(this);
          return { x: box.left + this.clientLeft + parseFloat(style.paddingLeft),
                   y: box.top + this.clientTop + parseFloat(style.paddingTop) };
        }
        """

    /// The element itself, or `null`.
    static let frame = """
        (selector) => {
          \(find)
          const list = all(selector);
          return list === null || list.length === 0 ? null : pick(list);
        }
        """

    /// Selects what a field holds, so that typing replaces it. True when it is something to type into.
    static let select = """
        (selector) => {
          \(find)
          const list = all(selector);
          if (list === null || list.length === 0) return false;
          const element = pick(list);
          if (element !== document.activeElement) element.focus();
          if (typeof element.select === "function") { element.select(); return true; }
          if (element.isContentEditable) { getSelection().selectAllChildren(element); return true; }
          return false;
        }
        """

    /// Chooses an option: `{invalid}`, `{count}`, `{kind}` for what is no list, `{found}`.
    static let choose = """
        (selector, wanted) => {
          \(find)
          const list = all(selector);
          if (list === null) return { invalid: true };
          if (list.length === 0) return { count: 0 };
          const element = pick(list);
          if (element.tagName !== "SELECT") return { count: list.length, kind: element.tagName.toLowerCase() };
          if (element.matches(":disabled")) return { count: list.length, disabled: true };
          const options = [...element.options].filter((option) => !option.disabled);
          const option = options.find((option) => option.value === wanted)
            ?? options.find((option) => option.label.trim() === wanted.trim());
          if (!option) return { count: list.length, found: false };
          option.selected = true;
          element.dispatchEvent(new Event("input", { bubbles: true }));
          element.dispatchEvent(new Event("change", { bubbles: true }));
          return { count: list.length, found: true };
        }
        """

    static let scroll = """
        (selector, right, down) => {
          \(find)
          if (selector === null) { scrollBy({ left: right, top: down, behavior: "instant" }); return { count: 1 }; }
          const list = all(selector);
          if (list === null) return { invalid: true };
          if (list.length === 0) return { count: 0 };
          const element = pick(list);
          if (right || down) element.scrollBy({ left: right, top: down, behavior: "instant" });
          else element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
          return { count: list.length };
        }
        """

    /// What is there: `{invalid}`, `{count, seen}`.
    static let presence = """
        (selector) => {
          \(find)
          const list = all(selector);
          if (list === null) return { invalid: true };
          return { count: list.length, seen: list.slice(0, 1000).some(isSeen) };
        }
        """

    /// Contents of at most 1,000 elements and `room` characters: `{invalid}`, `{count, values, cut}`.
    static let read = """
        (selector, kind, attribute, isAll, room) => {
          \(find)
          let list = selector === null ? [document.body ?? document.documentElement] : all(selector);
          if (list === null) return { invalid: true };
          const count = list.length;
          list = list.filter(Boolean);
          if (!isAll && list.length > 0) list = [pick(list)];
          const values = [];
          let cut = list.length > 1000;
          for (const element of list.slice(0, 1000)) {
            let value = kind === "html" ? element.outerHTML
              : kind === "value" ? (element.value ?? null)
              : kind === "attribute" ? element.getAttribute(attribute)
              : (element.innerText ?? element.textContent ?? "");
            if (value !== null) {
              value = String(value);
              if (value.length > room) { value = value.slice(0, room); cut = true; }
              room -= value.length;
            }
            values.push(value);
            if (room <= 0) { cut = cut || values.length < list.length; break; }
          }
          return { count, values, cut };
        }
        """

    static let location = """
        () => ({ url: String(document.location.href).slice(0, 8192), title: String(document.title).slice(0, 1024) })
        """

    /// Two frames of the screen later what a click began has begun.
    static let settle = """
        () => new Promise((done) => {
          setTimeout(done, 60);
          requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0)));
        })
        """
}
