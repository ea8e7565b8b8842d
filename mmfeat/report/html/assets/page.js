"use strict";
(() => {
  // Nothing here is needed to read the page: it sorts tables, names values, and marks the contents.
  const tip = document.getElementById("tip");

  const say = (text, x, y) => {
    tip.textContent = text;
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(8, Math.min(x + 14, innerWidth - width - 8))}px`;
    tip.style.top = `${y - height - 12 < 8 ? y + 18 : y - height - 12}px`;
  };

  const valuesOf = (mark) => (mark.dataset.values || "").split("\n").filter(Boolean).map((line) => {
    const [x, y, ...text] = line.split(",");
    return { x: Number(x), y: Number(y), text: `${mark.dataset.label}: ${text.join(",")}` };
  });

  for (const drawing of document.querySelectorAll(".drawing")) {
    const marks = [...drawing.querySelectorAll(".mark")];
    for (const mark of marks) mark.querySelector("title")?.remove();
    const known = marks.map((mark) => [mark, valuesOf(mark)]);
    drawing.addEventListener("pointermove", (event) => {
      const box = drawing.getBoundingClientRect();
      const scale = drawing.viewBox.baseVal.width / box.width;
      const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
      let [best, nearest] = [null, 26 ** 2];
      for (const [mark, values] of known) {
        if (getComputedStyle(mark).display === "none") continue;
        for (const value of values) {
          const distance = (value.x - x) ** 2 + (value.y - y) ** 2;
          if (distance < nearest) [best, nearest] = [value, distance];
        }
      }
      if (best) say(best.text, event.clientX, event.clientY);
      else tip.hidden = true;
    });
    drawing.addEventListener("pointerleave", () => { tip.hidden = true; });
  }

  const keyOf = (row, column) => {
    const cell = row.cells[column];
    const value = cell.dataset.value ?? cell.textContent.trim();
    const number = Number(value);
    return value === "" || Number.isNaN(number) ? value : number;
  };

  const compare = (left, right) => {
    if (typeof left === "number" && typeof right === "number") return left - right;
    if (typeof left === typeof right) return left.localeCompare(right);
    return typeof left === "number" ? -1 : 1;
  };

  for (const table of document.querySelectorAll("table")) {
    const body = table.tBodies[0];
    if (body.rows.length < 2) continue;
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...body.rows].sort((a, b) => compare(keyOf(a, column), keyOf(b, column)));
        body.append(...(down ? rows.reverse() : rows));
      });
    });
  }

  const contents = document.getElementById("contents");
  if (matchMedia("(max-width: 960px)").matches) contents.open = false;
  const links = new Map([...contents.querySelectorAll("a")].map((a) => [a.hash.slice(1), a]));
  const follow = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.classList.remove("here");
      links.get(entry.target.id)?.classList.add("here");
    }
  }, { rootMargin: "-10% 0px -80% 0px" });
  for (const id of links.keys()) {
    const section = document.getElementById(id);
    if (section) follow.observe(section);
  }

  const folded = () => document.querySelectorAll("main details:not([open])");
  let opened = [];
  addEventListener("beforeprint", () => { opened = [...folded()]; opened.forEach((one) => { one.open = true; }); });
  addEventListener("afterprint", () => { opened.forEach((one) => { one.open = false; }); });
})();
