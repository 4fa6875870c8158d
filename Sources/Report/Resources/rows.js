// Rows of the data: examples of errors, rows to label again, and what is known of the data.

const kinds = { right: "right", missed: "missed", wrong: "given wrongly" };

/** A row: its id, its text, and its labels as they are and as they were given; `here` is what it is shown for. */
function rowView(index, here, lead) {
  const [id, text, truth, given] = D.rows[index];
  const tag = (label, kind) => el("span", {
    class: `tag ${kind}${label === here ? " here" : ""}`, title: kinds[kind] }, L.name[label]);
  return el("li", {}, lead, el("small", {}, id), text ? el("div", {}, text) : null, el("div", {},
    truth.filter(l => given.includes(l)).map(l => tag(l, "right")),
    truth.filter(l => !given.includes(l)).map(l => tag(l, "missed")),
    given.filter(l => !truth.includes(l)).map(l => tag(l, "wrong"))));
}

const tagKey = () => el("p", { class: "quiet" }, "Labels: ",
  Object.entries(kinds).map(([kind, words]) => el("span", { class: `tag ${kind}` }, words)));

const scoreText = score => score < 0.001 ? "below 0.001" : score > 0.999 ? "above 0.999" : score.toFixed(3);

/** A list that shows some of its items at a time. */
function paged(size, count, draw) {
  let page = 0;
  const place = el("span", { "aria-live": "polite" });
  const back = el("button", { class: "more", type: "button", click: () => go(page - 1) }, "Back");
  const on = el("button", { class: "more", type: "button", click: () => go(page + 1) }, "More");
  function go(next) {
    const total = count();
    page = Math.max(0, Math.min(next, Math.ceil(total / size) - 1));
    const start = page * size, end = Math.min(start + size, total);
    place.textContent = total === 0 ? "none" : `${grouped(start + 1)}–${grouped(end)} of ${grouped(total)}`;
    back.disabled = page === 0;
    on.disabled = end >= total;
    draw(start, end);
  }
  return { bar: el("div", { class: "pager" }, back, on, place), go };
}

function suspiciousSection() {
  const all = D.suspicious;
  if (!D.rows || all.length === 0) {
    return D.thresholds ? el("p", {}, "No label of these rows looks wrong to the model.") : null;
  }
  const list = el("ul", { class: "rows", id: "suspicious-rows" });
  const pager = paged(10, () => all.length, (start, end) => list.replaceChildren(
    ...all.slice(start, end).map(([row, label, kind, score]) => rowView(row, label, el("div", {},
      kind === "lacking" ? "Lacks " : "Has ", labelLink(label),
      kind === "lacking" ? ", which the model is sure of" : ", which the model sees no sign of",
      ` (score ${scoreText(score)}) `)))));
  pager.go(0);
  const more = D.suspicious_count > all.length
    ? ` The first ${all.length} of ${grouped(D.suspicious_count)}; suspicious.csv has more.` : "";
  return [
    el("p", {}, "Labels that the data and the model disagree on, where the model is mostly right: look at them "
      + "before you change the model. “Lacks”: nearly all labels with such a score hold. “Has”: hardly any "
      + "does, and the model finds the label's other rows." + more),
    el("button", { class: "more", type: "button", id: "save-suspicious", click: saveSuspicious },
      "Save these as CSV"),
    tagKey(), list, pager.bar,
  ];
}

function suspiciousCSV() {
  const field = text => /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const lines = D.suspicious.map(([row, label, kind, score]) =>
    [D.rows[row][0], L.name[label], kind, String(score), D.rows[row][1]]);
  return [["id", "label", "finding", "score", "text"], ...lines]
    .map(line => line.map(field).join(",") + "\r\n").join("");
}

const saveSuspicious = () => download("suspicious.csv", suspiciousCSV(), "text/csv");

function dataSection() {
  const names = {
    rows: "rows", labels_a_row: "labels a row", rows_without_label: "rows without a label",
    rows_with_earlier_text: "rows with the text of an earlier row",
    rows_with_earlier_text_and_other_labels: "… and other labels",
    rows_with_text_of_training: "rows with a text of the training rows",
    rows_with_text_of_validation: "rows with a text of the validation rows",
    labels_absent: "labels of training that do not occur",
  };
  const parts = Object.keys(D.data);
  const value = (part, key) => D.data[part][key] === null ? "–" : key === "labels_a_row"
    ? D.data[part][key].toFixed(2) : grouped(D.data[part][key]);
  const rows = Object.keys(names).filter(key => parts.some(part => D.data[part][key]))
    .map(key => [names[key], ...parts.map(part => value(part, key))]);
  const twins = D.twins.map(([a, b, both, either]) =>
    [labelLink(a), labelLink(b), grouped(both), grouped(either)]);
  return [
    rows.length ? table(["", ...parts], rows) : null,
    el("h3", { style: "margin-top:18px" }, "Labels that are the same rows"),
    twins.length ? table(["label", "label", "rows with both", "rows with either"], twins.slice(0, 40), [1])
      : el("p", {}, "No two labels have almost the same training rows."),
  ];
}

function timeSection() {
  const t = D.time, entries = Object.entries(t.activities).filter(([, value]) => value > 0);
  const total = entries.reduce((sum, [, value]) => sum + value, 0);
  if (total === 0) return null;
  entries.sort((a, b) => b[1] - a[1]);
  const hue = i => `background:hsl(${(210 + 47 * i) % 360} 55% 48%)`;
  const meaning = { data: "making batches", forward: "forward pass", loss: "loss", backward: "backward pass",
    progress: "moving data between kernels", wait: "waiting for other processes", optimizer: "optimizer" };
  const kernels = Object.entries(t.kernels).filter(([, value]) => value > 0).sort((a, b) => b[1] - a[1]);
  return [
    el("p", {}, `${seconds(t.step_seconds)} of training steps at ${grouped(t.units_per_second)} ${t.unit} a second; `
      + `reading the data took ${seconds(t.data_seconds)}, checkpoints stopped training for `
      + `${seconds(t.checkpoint_seconds)}. `
      + (t.peak_memory_mb.length ? `Peak memory of a process: ${grouped(Math.max(...t.peak_memory_mb))} MB.` : "")),
    el("div", { class: "bar", role: "img", "aria-label": entries.map(([name, value]) =>
      `${meaning[name] || name} ${percent(value / total)}`).join(", ") },
      entries.map(([, value], i) => el("span", { style: `${hue(i)};width:${100 * value / total}%` }))),
    el("div", { class: "legend" }, entries.map(([name, value], i) => el("span", {},
      el("i", { class: "box", style: hue(i) }), `${meaning[name] || name} ${percent(value / total)}`))),
    kernels.length ? el("details", {}, el("summary", {}, "By what the processor did"),
      table(["kernel", "seconds", "share"], kernels.map(([name, value]) =>
        [name.replaceAll("_", " "), value.toFixed(2), percent(value / total)]))) : null,
  ];
}

function againSection() {
  const a = D.again;
  return [
    a.command ? el("pre", {}, a.command) : null,
    el("p", {}, `${a.program || D.program}, seed ${a.seed}, ${plural(a.processes, "process", "processes")}. `
      + "Any power of two of processes gives the same bits."),
    table(["data", "file", "SHA-256"], a.files.map(f => [f.name, f.path, el("code", {}, f.sha256)]), [1, 2]),
    el("details", {}, el("summary", {}, "The whole configuration"), el("pre", {}, a.configuration)),
  ];
}
