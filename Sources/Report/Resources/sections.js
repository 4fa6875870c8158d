// The sections of the page but for rows and labels. Each returns its elements, or null where the run has
// nothing to show.

function header() {
  const against = D.base ? el("p", {}, "Compared with ", el("b", {}, D.base.run),
    ": differences are this run's figures minus those.") : null;
  return [
    el("h1", {}, D.run),
    el("p", { class: "quiet" }, D.summary.join(" · ")),
    against,
    D.notes.map(note => el("p", { class: "note" }, note)),
    el("div", { class: "figures" }, D.figures.map(one => el("div", { class: "figure" },
      el("small", {}, one.title), el("b", {}, figure(one.value)),
      "base" in one ? change(one.value - one.base, 3, true) : null,
      el("small", {}, one.note)))),
    el("p", { class: "quiet" }, `Figures are those of the ${partName} rows.`),
  ];
}

function nextSection() {
  if (D.steps.length === 0) return el("p", {}, "Nothing that this run has measured calls for a change.");
  const card = step => el("li", { class: "card" }, el("h3", { style: "display:inline" }, step.title),
    el("p", {}, step.evidence), step.command ? el("pre", {}, step.command) : null);
  const shown = D.steps.slice(0, 4), rest = D.steps.slice(4);
  return [
    el("p", { class: "quiet" }, "By what the run has measured, the most promising first."),
    el("ol", { class: "steps" }, shown.map(card)),
    rest.length ? el("details", {}, el("summary", {}, `${rest.length} more`),
      el("ol", { class: "steps", style: `counter-reset: step ${shown.length}` }, rest.map(card))) : null,
  ];
}

function comparisonSection() {
  if (!D.base) return null;
  const [value, low, high] = D.base.micro_f1 || [];
  const verdict = value === undefined ? null : low > 0 ? "The gain holds on other rows of this kind."
    : high < 0 ? "The loss holds on other rows of this kind." : "These rows do not tell the two runs apart.";
  const deltas = scores.map((mine, label) =>
    ({ label, errors: mine.errors - baseScores[label].errors, f1: mine.f1 - baseScores[label].f1 }));
  const list = (title, sign) => {
    const chosen = deltas.filter(d => sign * d.errors < 0)
      .sort((a, b) => sign * (a.errors - b.errors) || a.label - b.label);
    return el("div", {}, el("h3", {}, `${title}: ${plural(chosen.length, "label")}`),
      chosen.length ? table(["label", "Δ errors", "Δ F1", "F1"], chosen.slice(0, 12).map(d => [
        labelLink(d.label), change(d.errors, 0, false), change(d.f1, 3, true), figure(scores[d.label].f1),
      ])) : null);
  };
  return [
    value === undefined ? null : el("p", {}, "micro-F1 ", change(value, 3, true),
      ` (95 % interval: ${figure(low)} to ${figure(high)}). ${verdict}`),
    el("div", { class: "pair" }, list("Won, fewer errors", 1), list("Lost, more errors", -1)),
    D.base.changed.length ? el("details", {}, el("summary", {},
      `Settings that differ: ${D.base.changed.length}`),
      table(["key", D.base.run, D.run], D.base.changed, [1, 2])) : null,
  ];
}

function trainingSection() {
  const t = D.training, evaluations = t.evaluations;
  if (t.loss.length === 0 && evaluations.length === 0) return null;
  const points = key => evaluations.filter(e => e[key] !== null).map(e => [e.epoch, e[key]]);
  const range = [0, Math.max(...t.loss.map(p => p[0]), ...evaluations.map(e => e.epoch), 1e-9)];
  const losses = [{ name: "training loss", points: t.loss, color: 0 }];
  const validation = { name: "validation loss", points: points("loss"), color: 1, dots: true };
  // Losses of different scales, as those of a hinge with a margin, each get a chart.
  const [mean, other] = [t.loss, validation.points].map(list =>
    list.reduce((sum, p) => sum + p[1], 0) / Math.max(list.length, 1));
  const apart = other > 4 * mean || mean > 4 * other;
  const loss = { name: "Loss by epoch", x: "epoch", heading: "Loss" };
  const best = evaluations.find(e => e.step === t.best_step);
  const mark = x => best ? svg("line",
    { class: "mark", x1: x(best.epoch), x2: x(best.epoch), y1: box.top, y2: box.height - box.bottom }) : null;
  const series = [
    { name: "micro-F1", points: points("micro_f1"), color: 0, dots: true },
    { name: "macro-F1", points: points("macro_f1"), color: 1, dots: true },
    { name: "P@1", points: points("precision_at_1"), color: 2, dots: true },
  ];
  if (D.base) {
    series.push({ name: `micro-F1 of ${D.base.run}`, dashed: true, color: 3,
      points: D.base.evaluations.filter(e => e[2] !== null).map(e => [e[0], e[2]]) });
  }
  const quality = lineChart({ name: "F1 on the validation rows by epoch", x: "epoch",
    heading: "Validation, one tuned threshold" }, series, { x: range, y: [0, 1], marks: mark });
  const charts = apart ? [quality, lineChart(loss, losses, { x: range }),
    lineChart({ ...loss, heading: "Validation loss" }, [validation], { x: range })]
    : [quality, lineChart(loss, [...losses, validation], { x: range })];
  return [
    el("p", {}, trend(evaluations, t)),
    el("div", { class: "pair" }, charts.filter(Boolean)),
    el("details", {}, el("summary", {}, "Learning rate, gradient norm, all evaluations"),
      el("div", { class: "pair" },
        lineChart({ name: "Learning rate", x: "epoch" },
          [{ name: "learning rate", points: t.learning_rate, color: 0 }], { x: range }),
        lineChart({ name: "Gradient norm", x: "epoch" },
          [{ name: "gradient norm", points: t.grad_norm, color: 0 }], { x: range })),
      table(["epoch", "step", "loss", "micro-F1", "macro-F1", "P@1"], evaluations.map(e => [
        brief(e.epoch) + (e.step === t.best_step ? " ★" : ""), grouped(e.step),
        e.loss === null ? "–" : brief(e.loss), figure(e.micro_f1), figure(e.macro_f1),
        figure(e.precision_at_1)]))),
  ];
}

/** Is it still learning? */
function trend(evaluations, t) {
  const place = evaluations.findIndex(e => e.step === t.best_step) + 1;
  if (place === 0) return "There was no evaluation during training.";
  const where = `The best of ${plural(evaluations.length, "evaluation")} by ${t.metric} is number ${place}`;
  if (t.ended_by === "early_stop") return `${where}; the run stopped early, as later ones were no better.`;
  if (place < evaluations.length) return `${where}: the model had stopped improving.`;
  return evaluations.length > 1 ? `${where}, the last one: the model was still improving.` : `${where}.`;
}

function thresholdSection() {
  const decided = table(["thresholds", "micro-F1", "95 %", "macro-F1", "precision", "recall"],
    D.decisions.map(d => [(d.chosen ? "★ " : "") + d.title, figure(d.values[0]),
      d.interval.replace("95 %: ", ""), ...d.values.slice(1).map(figure)]));
  const note = el("p", { class: "quiet" }, "★ is what best/thresholds.json holds.");
  const t = D.thresholds;
  if (!t) return [decided, note];
  return [decided, note, el("div", { class: "pair" }, slider(t), reliability(t.reliability, t.calibration_errors))];
}

/** Precision, recall and F1 at any one threshold for all labels. */
function slider(t) {
  const rows = t.points.map(([p, given, right]) => ({ p, given, right, missed: t.support - right,
    precision: ratio(right, given), recall: ratio(right, t.support), f1: ratio(2 * right, given + t.support) }));
  const curve = (name, key, color) => ({ name, color, points: rows.map(r => [r.p, r[key]]) });
  let scale = null;
  const mark = svg("line", { class: "mark", y1: box.top, y2: box.height - box.bottom });
  const chart = lineChart({ name: "Precision, recall and F1 by threshold", x: "threshold",
    heading: "Precision, recall and F1 by threshold" },
    [curve("precision", "precision", 1), curve("recall", "recall", 2), curve("F1", "f1", 0)],
    { x: [rows[0].p, rows[rows.length - 1].p], y: [0, 1], transform: logit,
      ticks: [0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999], marks: x => { scale = x; return mark; } });
  const output = el("output", { id: "at-threshold" });
  const nearest = p => rows.reduce((best, r, i) => Math.abs(r.p - p) < Math.abs(rows[best].p - p) ? i : best, 0);
  const input = el("input", { type: "range", id: "threshold", min: 0, max: rows.length - 1, step: 1,
    value: nearest(t.global ?? 0.5), "aria-label": "threshold for all labels", input: () => show() });
  function show() {
    const r = rows[input.value];
    mark.setAttribute("x1", scale(r.p));
    mark.setAttribute("x2", scale(r.p));
    output.textContent = `At ${r.p < 0.01 ? r.p.toPrecision(2) : r.p.toFixed(3)}: ${grouped(r.right)} right, ${grouped(r.given - r.right)} wrong, `
      + `${grouped(r.missed)} missed; precision ${figure(r.precision)}, recall ${figure(r.recall)}, `
      + `F1 ${figure(r.f1)}.`;
    input.setAttribute("aria-valuetext", output.textContent);
  }
  show();
  return el("div", {}, chart, input, el("p", {}, output));
}

function reliability(bins, errors) {
  const middle = bins.reduce((best, b) => Math.abs(b[0] - 0.5) < Math.abs(best[0] - 0.5) ? b : best);
  const chart = lineChart({ name: "Share of labels that hold by their score", x: "score",
    heading: "Is a score a probability?" },
    [{ name: "labels that hold", points: bins.map(b => [b[0], b[1]]), color: 0, dots: true }],
    { x: [0, 1], y: [0, 1], marks: (x, y) =>
      svg("line", { class: "mark", x1: x(0), y1: y(0), x2: x(1), y2: y(1) }) });
  return el("div", {}, chart, el("p", {}, `Of labels with a score about ${middle[0].toFixed(2)}, `
    + `${percent(middle[1])} hold. On the dashed line scores would be probabilities.`),
    errors && el("p", {}, `The calibration error of scores is ${errors[0].toFixed(4)}, that of the probabilities `
      + `that predict gives beside them ${errors[1].toFixed(4)}.`));
}

function frequencySection() {
  const points = scores.map((s, label) => ({ label, name: L.name[label], train: L.train[label], ...s }))
    .filter(p => p.positives > 0);
  const titles = { frequent: "frequent, 100 rows or more", medium: "medium, 20 to 99", rare: "rare, fewer than 20" };
  const head = ["by training rows", "labels", "F1", "F1 = 0", "share of errors"];
  return el("div", { class: "pair" },
    points.length ? scatterChart(points, p => openLabel(p.label)) : null,
    table(D.base ? [...head.slice(0, 3), "Δ F1", ...head.slice(3)] : head, D.groups.map(g => {
      const cells = [titles[g.name], grouped(g.labels), figure(g.f1), grouped(g.zero), percent(g.errors)];
      if (D.base) cells.splice(3, 0, change(g.f1 - g.base_f1, 3, true));
      return cells;
    })));
}
