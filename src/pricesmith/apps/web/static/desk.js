// What the pages do beyond links and forms: keys, chosen rows, parts that renew themselves. Every task works without it.
"use strict";

const REACHED = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
const rows = () => [...document.querySelectorAll("[data-row]")];
let at = -1, leader = 0, found = "";

function go(step) {
  const all = rows();
  if (!all.length) return;
  all[at]?.classList.remove("at");
  at = Math.max(0, Math.min(all.length - 1, at + step));
  all[at].classList.add("at");
  all[at].closest("tbody").classList.remove("far");
  all[at].scrollIntoView({ block: "nearest" });
  (all[at].querySelector("input[type=checkbox]:enabled") || all[at].querySelector("a"))?.focus({ preventScroll: true });
}

// The chosen rows, else the row that somebody is at, which is then chosen; whether there is any.
const boxes = () => [...document.querySelectorAll("[data-row] input[type=checkbox]:enabled")];
function meant() {
  if (!boxes().some((box) => box.checked)) rows()[at]?.querySelector("input[type=checkbox]:enabled:not(:checked)")?.click();
  return boxes().some((box) => box.checked);
}
const pressed = (key) => document.querySelector(`[data-press="${key}"]`);

function help() {
  document.querySelectorAll("#help [data-needs]").forEach((one) => (one.hidden = !document.querySelector(one.dataset.needs)));
  document.getElementById("help").showModal();
}

// Where there is nothing to search, Prices is opened at its search.
const FIND = "#find";
function search() {
  const field = document.querySelector("input[type=search]"), prices = document.querySelector('nav a[href="/prices"]');
  if (field) field.focus(); else if (prices) location.assign(prices.href + FIND);
}
if (location.hash === FIND) search();

const act = {
  j: () => go(1),
  k: () => go(-1),
  x: () => rows()[at]?.querySelector("input[type=checkbox]")?.click(),
  Enter: () => rows()[at]?.querySelector("a")?.click(),
  y: () => { if (pressed("y") && meant()) pressed("y").click(); },
  n: () => { if (pressed("n") && meant()) pressed("n").focus(); },
  "/": search,
  "?": help,
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select, dialog[open]");
  if (event.key === "Escape" && !event.target.closest("dialog[open]")) {
    const menu = event.target.closest("details.menu[open]");
    document.querySelectorAll("details.menu[open]").forEach((one) => (one.open = false));
    if (menu) menu.querySelector("summary").focus();
    else if (typing) { event.preventDefault(); event.target.blur(); }
  }
  if (event.key === "Enter" && event.target.matches("[data-part] input[type=search]")) found = event.target.form.dataset.part;
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
  if (Date.now() - leader < 1200) {
    leader = 0;
    const link = document.querySelector(`nav a[data-key="${CSS.escape(event.key)}"]`);
    if (link) return link.click();
  }
  if (event.key === "g") { leader = Date.now(); return; }
  const todo = act[event.key];
  if (todo) { event.preventDefault(); todo(); }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-help]")) help();
  document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  const link = event.target.closest('a[href^="#"]');
  if (link && link.hash === location.hash) unfold();
});

function count() {
  const boxes = [...document.querySelectorAll("[data-row] input[type=checkbox]")];
  const chosen = boxes.filter((box) => box.checked);
  boxes.forEach((box) => box.closest("[data-row]").classList.toggle("chosen", box.checked));
  document.querySelectorAll("[data-count]").forEach((place) => (place.textContent = chosen.length));
  document.querySelectorAll("[data-needs-rows]").forEach((button) => (button.disabled = !chosen.length));
}

// A select with data-opens="PREFIX" opens the fold whose id is PREFIX and its value, and closes those beside it.
function opens(select) {
  document.querySelectorAll(`details[id^="${CSS.escape(select.dataset.opens)}"]`).forEach((one) => (one.open = one.id === select.dataset.opens + select.value));
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) {
    document.querySelectorAll("[data-row] input[type=checkbox]:not(:disabled)").forEach((box) => (box.checked = event.target.checked));
  }
  if (event.target.matches("input[type=checkbox]")) count();
  if (event.target.matches("select[data-opens]")) opens(event.target);
  if (event.target.matches("[data-send] select, [data-send] input[type=checkbox], [data-send] input[type=radio], [data-send] input[type=range]")) event.target.form.requestSubmit();
});

// A form with data-part="ID" renews only that part of the page with its answer; of several on their way the last one asked for counts.
const asked = {};
async function renew(address, id) {
  const mine = (asked[id] = (asked[id] || 0) + 1);
  document.getElementById(id).setAttribute("aria-busy", "true");
  const answer = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine !== asked[id]) return;
  const fresh = page.getElementById(id), place = document.getElementById(id);
  if (!fresh) { location.assign(address); return; }
  const held = [...place.querySelectorAll(REACHED)].indexOf(document.activeElement);
  keepFolds(place, fresh);
  place.replaceWith(fresh);
  if (held >= 0) fresh.querySelectorAll(REACHED)[held]?.focus({ preventScroll: true });
  follow(page);
  at = -1;
  count();
  if (found === id) { found = ""; go(1); } // somebody who has found it is at the first row
}

// <... data-too id="..."> is renewed with any part of its page, so that both say the same, unless somebody is at work in it.
const untouched = (one) => {
  if (one.matches("select")) return [...one.options].every((option) => option.selected === option.defaultSelected);
  return one.type === "checkbox" ? one.checked === one.defaultChecked : one.value === one.defaultValue;
};
function follow(page) {
  page.querySelectorAll("[data-too]").forEach((fresh) => {
    const place = document.getElementById(fresh.id);
    if (!place || place.contains(document.activeElement) || ![...place.querySelectorAll("input, select, textarea")].every(untouched)) return;
    keepFolds(place, fresh);
    place.replaceWith(fresh);
  });
}

// <select data-judged="ID">: that part of the page is renewed as all of them in the form are chosen now, which the address then says.
document.addEventListener("change", (event) => {
  if (!event.target.matches("select[data-judged]")) return;
  const address = new URL(location), chosen = [...event.target.form.querySelectorAll("select[data-judged]")].filter((one) => one.value);
  address.searchParams.delete(event.target.name);
  chosen.forEach((one) => address.searchParams.append(one.name, one.value));
  history.replaceState(null, "", address);
  renew(address, event.target.dataset.judged);
});

document.addEventListener("submit", (event) => {
  const form = event.target, id = form.dataset.part;
  if (form.dataset.confirm && !confirm(form.dataset.confirm)) { event.preventDefault(); return; }
  if (!id || form.method !== "get") return;
  event.preventDefault();
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  const address = new URL(form.getAttribute("action") || location.pathname, location);
  address.search = query;
  history.replaceState(null, "", address);
  renew(address, id);
});

// <details data-fold id="..." open> is closed on a small screen, where a person opens what is wanted; on paper everything stands open.
const small = matchMedia("(max-width: 760px)");
const folds = (within = document) => [...within.querySelectorAll("details[data-fold]")];
function fold() {
  const meant = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  folds().filter((one) => !("folded" in one.dataset)).forEach((one) => {
    one.dataset.folded = "";
    one.open = !small.matches || Boolean(meant && (one.contains(meant) || meant.contains(one)));
  });
}
function keepFolds(place, fresh) {
  const known = new Map(folds(place).map((one) => [one.id, one.open]));
  folds(fresh).filter((one) => known.has(one.id)).forEach((one) => { one.open = known.get(one.id); one.dataset.folded = ""; });
}
const closed = new Set();
window.addEventListener("beforeprint", () => folds().filter((one) => !one.open).forEach((one) => { closed.add(one); one.open = true; }));
window.addEventListener("afterprint", () => { closed.forEach((one) => (one.open = false)); closed.clear(); });

// What was typed into a form that was refused stands there again when the person comes back to it; browsers forget fields without autocomplete.
const TYPED = "input:not([type=hidden], [type=password], [type=file]), select, textarea";
const carries = (field) => (field.matches("[type=checkbox], [type=radio]") ? "checked" : "value");
document.addEventListener("submit", (event) => {
  const form = event.target, fields = [...form.querySelectorAll(TYPED)];
  if (form.method !== "post" || event.defaultPrevented) return;
  const sent = { page: location.pathname + location.search, form: [...document.forms].indexOf(form), values: fields.map((one) => one[carries(one)]) };
  sessionStorage.setItem("sent", JSON.stringify(sent));
});
window.addEventListener("pageshow", () => {
  const sent = JSON.parse(sessionStorage.getItem("sent") || "null");
  if (sent && document.querySelector("[data-refused]")) { sessionStorage.setItem("sent", JSON.stringify({ ...sent, refused: true })); return; }
  sessionStorage.removeItem("sent");
  const form = sent?.refused && sent.page === location.pathname + location.search && document.forms[sent.form];
  const fields = form ? [...form.querySelectorAll(TYPED)] : [];
  if (!form || fields.length !== sent.values.length) return;
  fields.forEach((one, place) => (one[carries(one)] = sent.values[place]));
  const folded = form.closest("details:not(.menu)");
  if (folded) folded.open = true;
  count();
});

// Who answered rows of a table comes back to the place where they were, not to its top.
const named = (row) => row?.querySelector("input[type=checkbox]")?.value;
document.addEventListener("submit", (event) => {
  const all = rows(), place = at >= 0 ? at : all.findLastIndex((row) => row.matches(".chosen"));
  if (event.defaultPrevented || !event.target.querySelector('[data-press="y"]') || place < 0) return;
  sessionStorage.setItem("place", JSON.stringify({ page: location.pathname + location.search, row: named(all[place]), place }));
});
window.addEventListener("pageshow", () => {
  const left = JSON.parse(sessionStorage.getItem("place") || "null"), all = rows();
  if (!left || document.querySelector("[data-refused]")) return;
  sessionStorage.removeItem("place");
  if (left.page !== location.pathname + location.search || !all.length) return;
  const same = all.findIndex((row) => named(row) === left.row);
  at = -1;
  go((same >= 0 ? same : left.place) + 1);
});

let typed = 0;
document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-send]");
  if (!form || !event.target.matches("input[type=search]")) return;
  clearTimeout(typed);
  typed = setTimeout(() => form.requestSubmit(), 250);
});
document.addEventListener("submit", (event) => { if (event.target.matches("[data-send]")) clearTimeout(typed); }); // what Enter has sent is not sent again, under who already walks its rows

// Asks for the whole page again, but never in the way of somebody who is just going elsewhere, nor while a form that was sent is unanswered.
let leaving = -Infinity, posting = false;
addEventListener("beforeunload", () => { leaving = performance.now(); });
addEventListener("submit", (event) => { if (event.target.method === "post" && !event.defaultPrevented) posting = true; });
addEventListener("pageshow", () => { posting = false; });
function whole() {
  if (posting || performance.now() - leaving < 3000) setTimeout(whole, 3000); else location.reload();
}

// A time zone that nobody has said is that of whoever looks.
document.querySelectorAll("[data-zone]").forEach((field) => { field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || field.value; });

// <... data-live="/address" id="..."> renews itself whenever the stream at that address says so; at its end the whole page comes again, and as
// long as it is to come, <html data-renews> says so.
document.querySelectorAll("[data-live]").forEach((place) => {
  document.documentElement.dataset.renews = "";
  const source = new EventSource(place.dataset.live);
  source.onmessage = (event) => {
    if (event.data === "end") { source.close(); whole(); return; }
    renew(location.href, place.id);
  };
});

// A table that grows is laid out a few rows at a time, and only those in view (.long in desk.css); its columns are as wide as its first rows want them.
const FAR = "9000px";
// Rows far off stand in the document, but not laid out: the browser's clearing up would stop a table of thousands for half a second.
const far = new IntersectionObserver((seen) => seen.forEach(({ target: body, isIntersecting, boundingClientRect: { height } }) => {
  if (isIntersecting || body.contains(document.activeElement)) body.classList.remove("far");
  else if (!body.matches(".far")) { body.style.setProperty("--tall", `${height}px`); body.classList.add("far"); }
}), { rootMargin: FAR, scrollMargin: FAR });
function lengthen(table) {
  const again = table.matches(".long"), shown = again ? table.cloneNode(false) : table;
  if (again) {
    shown.classList.remove("long");
    shown.append(table.tHead.cloneNode(true), ...[...table.tBodies].slice(0, 5).map((body) => body.cloneNode(true)));
    table.after(shown);
  }
  const widths = [...shown.tHead.rows[0].cells].map((one) => one.getBoundingClientRect().width);
  const wide = shown.offsetWidth > shown.parentElement.clientWidth ? `${shown.offsetWidth}px` : "";
  const high = (shown.tBodies[0].rows.length * shown.offsetHeight) / shown.rows.length;
  if (again) shown.remove();
  table.style.setProperty("--columns", widths.map((width) => `minmax(0,${width}fr)`).join(" "));
  table.style.setProperty("--wide", wide);
  table.style.setProperty("--high", `${high}px`);
  if (again) return;
  [...table.tBodies].forEach((body) => far.observe(body));
  table.classList.add("long");
}
let resized = 0;
window.addEventListener("resize", () => {
  cancelAnimationFrame(resized);
  resized = requestAnimationFrame(() => document.querySelectorAll("table.long").forEach(lengthen));
});

// A link to something that is folded away opens it.
function unfold() {
  const meant = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1))), folded = meant && meant.closest("details");
  if (!folded) return;
  folded.open = true;
  meant.scrollIntoView();
}
window.addEventListener("hashchange", unfold);
unfold();

// <select data-groups>: of the list after it in its form only the group that has the name of what is chosen can be chosen from.
function group(select) {
  const groups = [...select.form.querySelectorAll("optgroup[data-group]")];
  groups.forEach((one) => (one.hidden = one.disabled = one.dataset.group !== select.value));
  const mine = groups.find((one) => !one.hidden), list = groups.length && groups[0].closest("select");
  if (list && !mine?.contains(list.selectedOptions[0] ?? null)) list.value = "";
  if (mine && !list.value) mine.firstElementChild.selected = true;
}
const grouped = () => document.querySelectorAll("select[data-groups]").forEach(group);
document.addEventListener("change", (event) => { if (event.target.matches("select[data-groups]")) group(event.target); });

// The next page of a long table is added before its end comes into view; a small screen does not load it at once.
const AHEAD = small.matches ? "1700px" : "4500px";
const watcher = new IntersectionObserver((seen) => seen.filter((one) => one.isIntersecting && one.target.isConnected).forEach(async (one) => {
  const link = one.target, table = link.closest("section").querySelector("table");
  watcher.unobserve(link);
  link.dataset.asked = "";
  const answer = await fetch(link.href, { headers: { Accept: "text/html", Part: "rows" }, credentials: "same-origin" });
  const text = await answer.text(), end = text.lastIndexOf("</tbody>") + "</tbody>".length, last = table.tBodies.length;
  if (!link.isConnected) return; // its part of the page has been renewed meanwhile
  if (!answer.ok || !text.includes("<tbody>")) return; // no rows, signed out for instance: the link stays, and says why when it is followed
  if (!table.matches(".long")) lengthen(table);
  // Written straight into the table: elements made elsewhere and moved here are as much again for the browser to clear away.
  table.insertAdjacentHTML("beforeend", text.slice(0, end));
  [...table.tBodies].slice(last).forEach((body) => far.observe(body));
  link.parentElement.outerHTML = text.slice(end);
}), { rootMargin: AHEAD, scrollMargin: AHEAD });
// Moments stand in the time of whoever looks; UTC, as commands and the ledger have them, is what the pointer shows.
const two = (number) => String(number).padStart(2, "0");
function local(place) {
  const at = new Date(place.dateTime);
  if (Number.isNaN(at.getTime()) || !at.getTimezoneOffset()) return;
  place.title = place.textContent;
  place.textContent = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
const watch = () => {
  fold();
  document.querySelectorAll('main time[datetime*="T"]:not([title])').forEach(local);
  grouped();
  document.querySelectorAll("a[data-more]:not([data-asked])").forEach((link) => watcher.observe(link));
  // <... data-again="SECONDS" id="..."> is asked for again until it no longer says so.
  document.querySelectorAll("[data-again]:not([data-asked])").forEach((place) => {
    place.dataset.asked = "";
    setTimeout(() => place.isConnected && renew(location.href, place.id), 1000 * place.dataset.again);
  });
};

new MutationObserver(watch).observe(document.getElementById("main"), { childList: true, subtree: true });
watch();
// Also after the browser's Back, which brings the boxes back as they were.
window.addEventListener("pageshow", () => { count(); grouped(); });
const here = document.querySelector("nav [aria-current=page]");
if (here) {
  // Only as far as the page is out of sight, and then so that no name is cut at the left, where an arrow of 28 px stands.
  const list = here.closest("ul"), edge = list.getBoundingClientRect(), at = here.closest("li");
  const starts = [...list.children].map((one) => one.getBoundingClientRect().left - edge.left - 28);
  const most = list.scrollWidth - list.clientWidth, wanted = starts[Math.max([...list.children].indexOf(at) - 1, 0)];
  if (at.getBoundingClientRect().right > edge.right - 28) {
    const to = wanted > most ? starts.find((start) => start >= most) : wanted;
    list.style.paddingRight = `${Math.max(to - most, 0)}px`;
    list.scrollLeft = to;
  }
}
