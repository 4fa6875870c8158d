// The table of labels: it sorts, searches and filters, and shows fifty at a time, so that ten thousand labels
// cost no more than fifty.

const number = (title, value, options = {}) => ({ title, value, show: label => grouped(value(label)), ...options });
const share = (title, value, options = {}) => ({ title, value, show: label => figure(value(label)), ...options });

/** The columns: `value` sorts, `show` is what stands in the cell. */
const columns = [
  { title: "label", value: label => L.name[label].toLowerCase(), isText: true },
  number("train", label => L.train[label], { help: "training rows with the label" }),
  number(partName, label => scores[label].positives, { help: `${partName} rows with the label` }),
  share("precision", label => scores[label].precision, { minor: true }),
  share("recall", label => scores[label].recall, { minor: true }),
  share("F1", label => scores[label].f1),
  ...(D.base ? [
    { title: "Δ F1", value: label => scores[label].f1 - baseScores[label].f1,
      show: label => change(scores[label].f1 - baseScores[label].f1, 3, true) },
    { title: "Δ errors", value: label => scores[label].errors - baseScores[label].errors, isDefault: true,
      show: label => change(scores[label].errors - baseScores[label].errors, 0, false) },
  ] : []),
  share("AP", label => L.ap[label], { minor: true, help: "average precision: whether the label's rows rank high" }),
  number("wrong", label => L.fp[label], { help: "rows that were given the label and do not have it" }),
  number("missed", label => L.fn[label], { help: "rows that have the label and were not given it" }),
  { title: "likely cause", value: label => causes[causeOf(label)][0], isText: true, left: true,
    show: label => causes[causeOf(label)][0] },
];

const state = { sort: null, ascending: false, open: new Set(), found: [] };
let body = null, pager = null, search = null, causeFilter = null, leastRows = null, headers = [];

/** A link to the label in the table. */
function labelLink(label) {
  return el("a", { href: "#labels", click: () => openLabel(label) }, L.name[label]);
}

/** Shows one label in the table, its details open. */
function openLabel(label) {
  search.value = L.name[label];
  causeFilter.value = "";
  leastRows.value = "";
  state.open.add(label);
  refresh();
  document.getElementById("labels").scrollIntoView();
}

function labelsSection() {
  search = el("input", { type: "search", id: "search", placeholder: "part of a name", input: refresh });
  const counts = new Map();
  L.cause.forEach(cause => counts.set(cause, (counts.get(cause) || 0) + 1));
  causeFilter = el("select", { id: "cause", change: refresh }, el("option", { value: "" }, "any"),
    [...counts].sort((a, b) => b[1] - a[1]).map(([cause, count]) =>
      el("option", { value: cause }, `${causes[L.causes[cause]][0]} (${grouped(count)})`)));
  leastRows = el("input", { type: "number", id: "least", min: 0, placeholder: "0", style: "width:90px", input: refresh });
  headers = columns.map((column, i) => el("th", {
    scope: "col", class: [column.minor && "minor", column.left && "left"].filter(Boolean).join(" ") || null,
    title: column.help }, el("button", { type: "button", click: () => sortBy(i) }, column.title)));
  body = el("tbody", { id: "label-rows" });
  pager = paged(50, () => state.found.length, draw);
  state.sort = columns.findIndex(column => column.isDefault);
  state.ascending = state.sort >= 0;
  refresh();
  return [
    el("p", { class: "quiet" }, D.base ? "Labels with the most errors saved come first."
      : "Labels with the most errors come first. ", "Open a label to see what it is confused with, and rows."),
    el("div", { class: "tools" }, el("label", {}, "search", search), el("label", {}, "likely cause", causeFilter),
      el("label", {}, "training rows at least", leastRows)),
    el("div", { class: "scroll" }, el("table", { id: "label-table" }, el("thead", {}, el("tr", {}, headers)), body)),
    pager.bar,
  ];
}

function sortBy(column) {
  if (state.sort === column) state.ascending = !state.ascending;
  else [state.sort, state.ascending] = [column, Boolean(columns[column].isText)];
  refresh();
}

/** Finds and sorts anew, and goes to the first page. */
function refresh() {
  const words = search.value.trim().toLowerCase(), least = Number(leastRows.value) || 0;
  const cause = causeFilter.value === "" ? null : Number(causeFilter.value);
  state.found = [];
  for (let label = 0; label < labelCount; label++) {
    if (words && !L.name[label].toLowerCase().includes(words)) continue;
    if (cause !== null && L.cause[label] !== cause) continue;
    if (L.train[label] < least) continue;
    state.found.push(label);
  }
  const exact = words ? state.found.findIndex(label => L.name[label].toLowerCase() === words) : -1;
  const first = exact >= 0 ? state.found[exact] : -1;
  const value = state.sort < 0 ? label => scores[label].errors : columns[state.sort].value;
  const direction = state.sort >= 0 && state.ascending ? 1 : -1;
  const keys = new Map(state.found.map(label => [label, value(label)]));
  state.found.sort((a, b) => {
    if (a === first || b === first) return a === first ? -1 : 1;
    const [x, y] = [keys.get(a), keys.get(b)];
    return direction * (x < y ? -1 : x > y ? 1 : 0) || a - b;
  });
  headers.forEach((header, i) => {
    if (i === state.sort) header.setAttribute("aria-sort", state.ascending ? "ascending" : "descending");
    else header.removeAttribute("aria-sort");
  });
  pager.go(0);
}

function draw(start, end) {
  body.replaceChildren(...state.found.slice(start, end).flatMap(label =>
    state.open.has(label) ? [labelRow(label), labelDetail(label)] : [labelRow(label)]));
}

function labelRow(label) {
  const isOpen = state.open.has(label);
  const button = el("button", { type: "button", class: "open", "aria-expanded": String(isOpen), click: event => {
    const row = event.target.closest("tr"), opens = !state.open.has(label);
    button.setAttribute("aria-expanded", String(opens));
    if (opens) {
      state.open.add(label);
      row.after(labelDetail(label));
    } else {
      state.open.delete(label);
      row.nextElementSibling.remove();
    }
  } }, L.name[label]);
  return el("tr", {}, columns.map((column, i) => i === 0 ? el("td", { class: "name" }, button)
    : el("td", { class: [column.minor && "minor", column.left && "left"].filter(Boolean).join(" ") || null },
      column.show(label))));
}

/** What is known of one label. */
function labelDetail(label) {
  const s = scores[label], [missed, wrong] = D.examples[label] || [[], []];
  const list = (title, pairs) => pairs && pairs.length ? el("p", {}, title + " ", pairs.flatMap(([other, rows], i) =>
    [i ? ", " : "", labelLink(other), ` (${rows})`])) : null;
  const rows = (title, examples) => examples.length ? [el("h3", {}, title), el("ul", { class: "rows" },
    examples.map(([row, score]) => rowView(row, label, el("b", {}, `score ${scoreText(score)} `))))] : null;
  const twins = D.twins.filter(t => t[0] === label || t[1] === label).map(t => [t[0] === label ? t[1] : t[0], t[2]]);
  return el("tr", { class: "detail" }, el("td", { colspan: columns.length },
    el("p", {}, el("b", {}, `Likely cause: ${causes[causeOf(label)][0]}. `), causes[causeOf(label)][1]),
    el("p", {}, `Precision ${figure(s.precision)}, recall ${figure(s.recall)}, average precision `
      + `${figure(L.ap[label])}; threshold ${figure(L.threshold[label])}.`),
    list("Almost the same rows as", twins),
    L.given ? list("Where it is missed, these are given instead:", L.given[label]) : null,
    L.taken_for ? list("Where it is given wrongly, these would have been right:", L.taken_for[label]) : null,
    rows("Missed", missed), rows("Given wrongly", wrong),
    missed.length + wrong.length ? tagKey() : null,
    s.errors && !(label in D.examples) && D.thresholds
      ? el("p", { class: "quiet" }, "There was no room for examples of this label.") : null));
}
