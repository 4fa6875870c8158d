// Puts the page together.

const sections = [
  ["next", "What to do next", nextSection],
  ["difference", "What has changed", comparisonSection],
  ["training", "Training", trainingSection],
  ["thresholds", "Thresholds", thresholdSection],
  ["frequency", "Label frequency", frequencySection],
  ["labels", "Labels", labelsSection],
  ["suspicious", "Labels that look wrong", suspiciousSection],
  ["data", "Data", dataSection],
  ["time", "Time", timeSection],
  ["again", "Make it again", againSection],
];

document.getElementById("top").append(...header().flat(2).filter(Boolean));
// The table of labels comes first: others link to it.
const contents = new Map();
for (const [id, , make] of [...sections].sort((a, b) => (b[0] === "labels") - (a[0] === "labels"))) {
  contents.set(id, [make()].flat(2).filter(Boolean));
}
for (const [id, title] of sections) {
  if (contents.get(id).length === 0) continue;
  document.getElementById("main").append(el("section", { "aria-labelledby": id },
    el("h2", { id }, title), contents.get(id)));
  document.getElementById("contents").append(el("a", { href: `#${id}` }, title));
}
document.getElementById("foot").append(el("p", { class: "quiet" }, `Written by ${D.program}.`));
document.documentElement.setAttribute("data-ready", "true");
