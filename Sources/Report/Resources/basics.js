"use strict";
// Elements, numbers and the page's data. Whatever comes from the data becomes text, never markup.

const D = JSON.parse(document.getElementById("data").textContent);
const L = D.labels;
const labelCount = L.name.length;
const partName = D.part;

/** An element: attributes, then children, which are elements or texts. Functions become listeners. */
function el(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
function svg(tag, attributes, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined));
  return element;
}

/** 1269 → "1,269". */
const grouped = value => Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ",");
/** Of a share or a figure: three digits after the point; "–" for none. */
const figure = value => value === null || value === undefined ? "–" : value.toFixed(3);
const percent = value => `${Math.round(100 * value)} %`;
const ratio = (a, b) => b === 0 ? 0 : a / b;
/** Four significant digits at most, as axes and read-outs want them. */
const brief = value => value === 0 ? "0" : Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6
  ? value.toExponential(1) : String(Number(value.toPrecision(4)));
const plural = (count, one, many) => `${grouped(count)} ${count === 1 ? one : many || one + "s"}`;

/** A change with its sign, colored by whether more is better. */
function change(value, digits, moreIsBetter) {
  if (value === null || value === undefined) return el("span", {}, "–");
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return el("span", {}, "0");
  const better = (value > 0) === moreIsBetter;
  return el("span", { class: better ? "up" : "down" }, (value > 0 ? "+" : "−") + text);
}

function seconds(value) {
  if (value < 60) return `${value.toFixed(1)} s`;
  if (value < 3600) return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
  return `${Math.floor(value / 3600)} h ${Math.round(value % 3600 / 60)} min`;
}

/** A table of a head and rows of cells. `left` has the columns of texts besides the first. */
function table(head, rows, left = []) {
  const side = place => left.includes(place) ? "left" : null;
  return el("div", { class: "scroll" }, el("table", {},
    el("thead", {}, el("tr", {}, head.map((cell, i) => el("th", { scope: "col", class: side(i) }, cell)))),
    el("tbody", {}, rows.map(row =>
      el("tr", {}, row.map((cell, i) => el("td", { class: side(i) }, cell)))))));
}

/** Precision, recall, F1 and errors of a label. */
function scoresOf(counts, label) {
  const tp = counts.tp[label], fp = counts.fp[label], fn = counts.fn[label];
  return {
    positives: tp + fn, precision: ratio(tp, tp + fp), recall: ratio(tp, tp + fn),
    f1: ratio(2 * tp, 2 * tp + fp + fn), errors: fp + fn,
  };
}

const scores = Array.from({ length: labelCount }, (_, label) => scoresOf(L, label));
const baseScores = D.base ? scores.map((_, label) => scoresOf(D.base, label)) : null;

/** What the names of causes mean. */
const causes = {
  good: ["good", "F1 is 0.75 or more."],
  same_rows: ["same rows", "Almost the same training rows have another label: one of the two would do."],
  untested: [`no ${partName} row`, `No ${partName} row has the label, so nothing can be said of it.`],
  threshold_hides: ["threshold hides it",
    "Its rows rank high, but none reaches the threshold: a threshold of its own would find some."],
  too_few_rows: ["too few rows", "It has fewer than 20 training rows."],
  over_predicted: ["given too often", "It is given wrongly more than twice as often as it is missed."],
  missed: ["missed", "It is missed more than twice as often as it is given wrongly."],
  confused: ["confused", "It is missed and given wrongly alike: other labels are taken for it."],
};
const causeOf = label => L.causes[L.cause[label]];

/** Calls for a file to be saved. */
function download(name, text, type) {
  const link = el("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
