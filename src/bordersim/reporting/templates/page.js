"use strict";
(() => {
  const root = document.documentElement;

  // Light and dark: the reader's system decides until the reader does.
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const kept = { read() { try { return localStorage.getItem("theme"); } catch { return null; } },
                 write(theme) { try { localStorage.setItem("theme", theme); } catch { /* a file may not */ } } };
  const button = document.createElement("button");
  button.type = "button";
  button.className = "theme";
  const now = () => root.dataset.theme || (dark.matches ? "dark" : "light");
  const name = () => { button.textContent = now() === "dark" ? "Light page" : "Dark page"; };
  const saved = kept.read();
  if (saved === "dark" || saved === "light") root.dataset.theme = saved;
  button.addEventListener("click", () => {
    root.dataset.theme = now() === "dark" ? "light" : "dark";
    kept.write(root.dataset.theme);
    name();
  });
  dark.addEventListener("change", name);
  name();
  document.querySelector("header").prepend(button);

  // Tables: a heading sorts by its column, again the other way round.
  const words = new Intl.Collator("en", { numeric: true });
  const compared = (a, b, numeric) => {
    if (!numeric) return words.compare(a.textContent, b.textContent);
    const [x, y] = [a, b].map((cell) => cell.dataset.key);
    if (x === undefined || y === undefined) return 0;
    return Number(x) - Number(y);
  };
  const sort = (table, at, heading) => {
    const up = heading.getAttribute("aria-sort") !== "ascending";
    const numeric = "numeric" in heading.dataset;
    const rows = [...table.tBodies[0].rows];
    const blank = (row) => (numeric ? row.cells[at].dataset.key === undefined : !row.cells[at].textContent);
    rows.sort((a, b) => blank(a) - blank(b) || (up ? 1 : -1) * compared(a.cells[at], b.cells[at], numeric));
    table.tBodies[0].append(...rows);
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", up ? "ascending" : "descending");
  };
  for (const table of document.querySelectorAll("table")) {
    if (table.tBodies[0].rows.length < 2) continue;
    [...table.tHead.rows[0].cells].forEach((heading, at) => {
      const by = document.createElement("button");
      by.type = "button";
      by.append(...heading.childNodes);
      heading.append(by);
      by.addEventListener("click", () => sort(table, at, heading));
    });
  }

  // A link into a fold opens it; print opens all.
  const open = () => {
    const aim = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folds = [];
    for (let one = aim?.closest("details"); one; one = one.parentElement.closest("details")) folds.push(one);
    if (!folds.length) return;
    for (const one of folds) one.open = true;
    aim.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();
  const shut = [];
  addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("details:not([open])")) { one.open = true; shut.push(one); }
  });
  addEventListener("afterprint", () => { while (shut.length) shut.pop().open = false; });
})();
