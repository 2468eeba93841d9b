"""Makes odd documents and says what BeautifulSoup, html5lib and soupsieve make of them.

Usage: reference.py COUNT SEED, selectors on the input, one a line. One JSON object a line on the output.
"""
import json
import random
import sys
import warnings

from bs4 import BeautifulSoup
from bs4.element import CData, Comment, Declaration, Doctype, NavigableString, ProcessingInstruction

warnings.simplefilter("ignore")

UNSHOWN = {"script", "style", "template", "noscript"}
INLINE = ["b", "i", "em", "span", "a", "code", "u", "small", "font", "nobr"]
BLOCK = ["div", "p", "section", "ul", "ol", "blockquote", "pre", "h1", "h2", "article", "main", "center", "dl", "form"]
WORDS = ["alpha", "Beta", "gamma", "δέλτα", "日本", "x &amp; y", "a&nbsp;b", "&copy;", "&lt;tag&gt;", "&notit;", "&#x41;",
         "&#8364;", "&#128;", "&eacute", "&unknown;", "  two  words ", "\n", "tab\there", "50%", "a < b", "q&a", "\u00a0",
         "&amp", "&#xD800;", "ﬁn", "&ampersand", "&hellip;", "—"]
VALUES = ["one", "two", "one two", "a-b", "de-CH", "", "x y  z", "&quot;", "a&amp;b", "TEXT", "ü"]


class Maker:
    def __init__(self, rng):
        self.rng = rng

    def pick(self, *choices):
        return self.rng.choice(choices)

    def attributes(self):
        rng = self.rng
        parts = []
        for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
            name = rng.choice(["class", "id", "title", "data-x", "lang", "HREF", "href", "type", "checked", "disabled", "rel"])
            value = rng.choice(VALUES)
            form = rng.randrange(5)
            if form == 0:
                parts.append(name)
            elif form == 1 and value and not any(c in " \"'&" for c in value):
                parts.append(f"{name}={value}")
            elif form == 2:
                parts.append(f"{name} = '{value}'")
            else:
                parts.append(f'{name}="{value}"')
        return "".join(rng.choice([" ", "\n", "  "]) + part for part in parts)

    def case(self, name):
        return name.upper() if self.rng.random() < 0.1 else name

    def text(self):
        return self.rng.choice([" ", "", ""]).join(self.rng.choice(WORDS) for _ in range(self.rng.randrange(1, 4)))

    def element(self, name, inner):
        opening = f"<{self.case(name)}{self.attributes()}>"
        closing = f"</{self.case(name)}>"
        roll = self.rng.random()
        if roll < 0.06:
            closing = ""
        elif roll < 0.09:
            closing = f"</{self.rng.choice(INLINE + BLOCK)}>"
        elif roll < 0.11:
            closing += f"</{name}>"
        return opening + inner + closing

    def inline(self, depth):
        rng = self.rng
        if depth <= 0:
            return self.text()
        roll = rng.randrange(16)
        if roll < 5:
            return self.text()
        if roll < 10:
            return self.element(rng.choice(INLINE), self.many(self.inline, depth - 1))
        return rng.choice([
            "<br>", "<br/>", "</br>", "<hr>", "<img src=a alt='b c'>", f"<input{self.attributes()}>",
            f"<input type=checkbox{self.attributes()}>", "<!-- a > b -->", "<!---->", "<wbr>", "<svg><title>t</title><g/></svg>",
            f"<select{self.attributes()}><option>1<option selected>2<optgroup label=g><option>3</select>",
            f"<textarea{self.attributes()}>\n<b>x</b>&amp;</textarea>", f"<button{self.attributes()}>ok</button>",
            f"<a href='{rng.choice(['/x', '?q', '#f', 'http://h.example/', 'mailto:a@b', '../y z'])}'>{self.text()}</a>",
            "<script>var a = '<b>' + 1 < 2;</script>", "<style>b { color: red }</style>", "<b><p>x</b>y</p>", "<i><b></i>z</b>",
            "<b class=x><i><div></b>w</i></div>", "<a href=1>a<a href=2>b</a></a>", "<math><mi>x</mi></math>",
            "<ruby>字<rt>ji</ruby>", "<label>l</label>", "<iframe>raw <b></iframe>", "</p>", "</b>", "<q>", "<nobr>1<nobr>2",
        ])

    def block(self, depth):
        rng = self.rng
        if depth <= 0:
            return self.inline(1)
        roll = rng.randrange(14)
        if roll < 6:
            return self.element(rng.choice(BLOCK), self.many(self.block, depth - 1))
        if roll < 8:
            return self.inline(2)
        if roll == 8:
            return self.listing(depth)
        if roll in (9, 10):
            return self.table(depth)
        return rng.choice([
            "<dl><dt>a<dd>b<dt>c<dd>d</dl>", "<p>one<p>two<p>three", "<h1>a<h2>b</h2>", "<form><form><input></form>",
            "<fieldset disabled><legend><input></legend><input><button>x</button></fieldset>",
            f"<div{self.attributes()}></div>", f"<div{self.attributes()}> </div>", "<div><!-- --></div>", "<x-y z>custom</x-y>",
            f"<p{self.attributes()}>{self.text()}", "<pre>\n\n a\n  b</pre>", "<center><font size=1>x</center>",
        ])

    def listing(self, depth):
        items = [f"<li{self.attributes()}>" + self.block(depth - 1) + self.pick("", "</li>") for _ in range(self.rng.randrange(1, 6))]
        return self.element(self.pick("ul", "ol"), self.pick("", "\n").join(items))

    def table(self, depth):
        rng = self.rng
        rows = []
        for _ in range(rng.randrange(1, 5)):
            cells = []
            for _ in range(rng.randrange(1, 4)):
                cell = rng.choice(["td", "td", "th"])
                inner = self.table(0) if depth > 1 and rng.random() < 0.15 else self.inline(2)
                cells.append(f"<{cell}{self.attributes()}>" + inner + rng.choice(["", f"</{cell}>"]))
            rows.append(rng.choice(["<tr>", "<tr>", "<TR>", ""]) + "".join(cells) + rng.choice(["", "</tr>", "\n"]))
        if rng.random() < 0.2:
            rows.insert(rng.randrange(len(rows) + 1), rng.choice(["stray", "<p>stray</p>", "<b>s", "<!-- c -->", "<input type=hidden>"]))
        body = "".join(rows)
        head = rng.choice(["", "<caption>cap</caption>", "<thead><tr><th>H</thead>", "<colgroup><col></colgroup>"])
        if rng.random() < 0.4:
            body = "<tbody>" + body + rng.choice(["", "</tbody>"])
        return f"<table{self.attributes()}>{head}{body}" + rng.choice(["</table>", "</table>", "</table>", "</div></table>"])

    def many(self, make, depth):
        return "".join(make(depth) for _ in range(self.rng.randrange(1, 4)))

    def document(self):
        rng = self.rng
        start = rng.choice([
            "<!DOCTYPE html>", "", "<!doctype html>\n", '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "x">', "<!-- c -->",
            "<?xml version='1.0'?>",
        ])
        head = rng.choice([
            "<html lang=en><head><title>A &amp; B</title><base href='/dir/'></head><body>", "<title>t</title>", "", "<head></head>",
            "<html><body class='one two'>", "<meta charset=utf-8><link rel=x href=y>", "<body lang=de>",
        ])
        end = rng.choice(["</body></html>", "", "</html>trail", "</body><p>after"])
        return start + head + "".join(self.block(4) for _ in range(rng.randrange(2, 7))) + end


def shown(element):
    for child in element.descendants:
        if type(child) in (Comment, Doctype, Declaration, ProcessingInstruction):
            continue
        if not isinstance(child, NavigableString):
            continue
        hidden = False
        for parent in child.parents:
            if parent is element:
                break
            if parent.name in UNSHOWN:
                hidden = True
                break
        if not hidden:
            yield child


def text(element, separator):
    return separator.join(stripped for stripped in (str(s).strip() for s in shown(element)) if stripped)


def owner(element):
    for parent in element.parents:
        if parent.name == "table":
            return parent
    return None


def tables(soup):
    result = []
    for table in soup.find_all("table"):
        rows = [row for row in table.find_all("tr") if owner(row) is table]
        result.append([[text(c, " ") for c in row.find_all(["td", "th"], recursive=False)] for row in rows])
    return result


def main():
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    selectors = [line.rstrip("\n") for line in sys.stdin if line.strip()]
    for number in range(count):
        html = Maker(random.Random(seed * 1000 + number)).document()
        soup = BeautifulSoup(html, "html5lib")
        elements = soup.find_all(True)
        order = {id(element): place for place, element in enumerate(elements)}
        print(json.dumps({
            "html": html,
            "text": text(soup, "\n"),
            "names": [element.name for element in elements],
            "links": [[text(a, " "), a["href"]] for a in soup.find_all(["a", "area"], href=True)],
            "tables": tables(soup),
            "selected": [[order[id(element)] for element in soup.select(selector)] for selector in selectors],
        }))


main()
